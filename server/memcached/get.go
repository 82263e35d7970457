// Hot: runs for every request to memcached; no allocation, no map, no defer.

package memcached

const (
	verb    = "get "
	lineEnd = "\r\n"
	hex     = "0123456789ABCDEF"
)

// AppendGet appends the request for a key, which is not empty. What would end the key or the line is escaped as NGINX does
// it: control characters, spaces and "%" become %XX, all else is sent as it is.
func AppendGet(dst, key []byte) []byte {
	dst = append(dst, verb...)
	for _, c := range key {
		if c <= ' ' || c == '%' {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return append(dst, lineEnd...)
}

// Key is the escaped key of a request that AppendGet made, a view of it: what Reader.Head compares with.
func Key(request []byte) []byte { return request[len(verb) : len(request)-len(lineEnd)] }
