// Package memcached is the client's side of memcached's text protocol as far as a web server needs it, to get a value: bytes
// in, bytes out. It opens no socket, keeps no buffer and holds no clock.
//
// The request is "get KEY\r\n". The answer is, when there is a value,
//
//	VALUE KEY FLAGS LENGTH\r\n    the head
//	LENGTH bytes                  the content
//	\r\nEND\r\n                   the trailer
//
// and END\r\n alone when there is none: NGINX then answers 404. Anything else is answered with 502. FLAGS is a number that
// whoever stored the value chose; memcached_gzip_flag names the bits that mean that it is compressed.
//
// # Invariants
//
// A Reader is as strict as NGINX: the head must name the key that was asked for, its line ends with CRLF, its numbers are
// digits alone. A wrong trailer is found when the content was sent on already; it costs the connection, not the response.
// A connection may be used again when Reader.Clean says so.
//
// # Limits
//
// The head must fit the caller's buffer (NGINX: memcached_buffer_size, one page). memcached itself refuses keys of more than
// 250 bytes, which is a 502 as well.
package memcached
