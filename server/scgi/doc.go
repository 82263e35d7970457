// Package scgi is the client's side of SCGI, the Simple Common Gateway Interface: bytes in, bytes out. It opens no socket,
// keeps no buffer and holds no clock.
//
// A request is a netstring ("length:" bytes ",") of names and values, each ended by NUL, and then the bare content. The first
// name is CONTENT_LENGTH, in decimal digits and "0" when there is no content; one of the others is SCGI with the value "1",
// which the configuration gives (scgi_param SCGI 1), as in NGINX.
//
// A parameter is opened, its value appended by whoever has it, and closed, so that no value is measured before it is
// written and none is copied:
//
//	request := len(dst)
//	dst = scgi.Open(dst, contentLength)
//	at := len(dst)
//	dst = scgi.OpenParam(dst, "REQUEST_URI")
//	dst = append(dst, uri...)
//	dst = scgi.CloseParam(dst, at)
//	dst = scgi.Close(dst, request)
//
// A NUL inside a value would begin another parameter, so a value ends before its first NUL: that is also what a C program
// would have read.
//
// The answer is not framed: it is an HTTP response with a status line, or a CGI response without one (package cgi has its
// Status rule), up to its Content-Length or the end of the connection. A connection serves one request.
//
// # Limits
//
// The protocol has none for the netstring, NGINX has none, and neither has this package. Everything is safe for any goroutine.
package scgi
