package memcached

import "bytes"

const (
	// NoKey is what NGINX says, with status 500, when $memcached_key is not set or empty.
	NoKey = `the "$memcached_key" variable is not set`
	// InvalidTrailer is what it says of BadTrailer.
	InvalidTrailer = "memcached sent invalid trailer"
)

// AppendRefusal appends NGINX's words for a verdict of Reader.Head: of the error log's level error for a refusal, of level
// info for NotFound. b and key are what Head was called with.
func AppendRefusal(dst []byte, v Verdict, b, key []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	switch v {
	case BadKey:
		return appendKey(append(dst, "memcached sent invalid key in response "...), line, key)
	case BadFlags:
		return appendKey(append(dst, "memcached sent invalid flags in response "...), line, key)
	case BadLength:
		return appendKey(append(dst, "memcached sent invalid length in response "...), line, key)
	case NotFound:
		dst = append(append(dst, `key: "`...), key...)
		return append(dst, `" was not found by memcached`...)
	}
	dst = append(append(dst, `memcached sent invalid response: "`...), line...)
	return append(dst, '"')
}

func appendKey(dst, line, key []byte) []byte {
	dst = append(append(append(dst, '"'), line...), `" for key "`...)
	return append(append(dst, key...), '"')
}
