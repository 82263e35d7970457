// Package uwsgi is the client's side of the uwsgi protocol, by which NGINX and uWSGI speak: bytes in, bytes out. It opens no
// socket, keeps no buffer and holds no clock.
//
// A request is one packet (https://uwsgi-docs.readthedocs.io/en/latest/Protocol.html): a header of four bytes (modifier1,
// the size of what follows up to the content, low byte first, modifier2), then the CGI environment as pairs of a name and a
// value with two bytes of length before each, low byte first. The content of the request follows bare, as long as
// CONTENT_LENGTH says. modifier1 0 is a WSGI or PSGI request, 5 PSGI, 9 a script, 14 CGI.
//
// A parameter is opened, its value appended by whoever has it, and closed, so that no value is measured before it is
// written and none is copied:
//
//	packet := len(dst)
//	dst = uwsgi.Open(dst, 0, 0)
//	at := len(dst)
//	dst = uwsgi.OpenParam(dst, "REQUEST_URI")
//	dst = append(dst, uri...)
//	dst = uwsgi.CloseParam(dst, at)
//	dst, err = uwsgi.Close(dst, packet)
//
// The answer is not framed: it is an HTTP response with a status line, or a CGI response without one (package cgi has its
// Status rule), up to its Content-Length or the end of the connection. A connection serves one request.
//
// # Limits
//
// A packet holds 65535 bytes of environment (NGINX: the same, then 500). Everything is safe for any goroutine.
package uwsgi
