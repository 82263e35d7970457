package static

import "strconv"

// appendETag appends NGINX's entity tag of a file: modification time in seconds and size, hexadecimal, quoted.
func appendETag(b []byte, mtime, size int64) []byte {
	b = append(b, '"')
	b = strconv.AppendInt(b, mtime, 16)
	b = append(b, '-')
	b = strconv.AppendInt(b, size, 16)
	return append(b, '"')
}
