package http1

import "net/http"
import "strconv"

const LastChunk = "0\r\n\r\n"
const Continue = "HTTP/1.1 100 Continue\r\n\r\n"

func StatusText(s int) string { return http.StatusText(s) }
func AppendStatusLine(dst []byte, minor uint8, status int) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, ' ')
	dst = append(dst, http.StatusText(status)...)
	return append(dst, "\r\n"...)
}
func AppendField(dst []byte, n, v string) []byte {
	dst = append(dst, n...)
	dst = append(dst, ": "...)
	dst = append(dst, v...)
	return append(dst, "\r\n"...)
}
func AppendUint(dst []byte, n uint64) []byte { return strconv.AppendUint(dst, n, 10) }
func AppendChunkHead(dst []byte, n int) []byte {
	return append(strconv.AppendUint(dst, uint64(n), 16), "\r\n"...)
}
func BodyAllowed(s int) bool { return s >= 200 && s != 204 && s != 304 }
func CleanPath(raw []byte) bool {
	for i, c := range raw {
		if c == '%' || c == '.' && raw[i-1] == '/' || c == '/' && i > 0 && raw[i-1] == '/' {
			return false
		}
	}
	return true
}
func AppendPath(dst, raw []byte, merge bool) ([]byte, Verdict) { return append(dst, raw...), Complete }

type ChunkReader struct{ x int }

func (c *ChunkReader) Reset() {}
func (c *ChunkReader) Next(b []byte, lim *Limits) (Span, int, Verdict) {
	return Span{}, 0, BadChunkSize
}
func CookieValue(f []byte, n string) ([]byte, bool)             { return nil, false }
func QueryValue(raw []byte, n string) ([]byte, bool)            { return nil, false }
func AppendUnescaped(dst, raw []byte, plus bool) ([]byte, bool) { return append(dst, raw...), true }
