// Package fastcgi is the client's side of the FastCGI protocol (FastCGI Specification 1.0, 1996) as a web server needs it:
// bytes in, bytes out. It opens no socket, keeps no buffer and holds no clock; the caller moves the bytes.
//
// # The protocol
//
// Everything is a record: a header of eight bytes (version, type, request id, content length, padding length), then
// content, then padding. A request is
//
//	BEGIN_REQUEST (role responder, keep the connection or not)
//	PARAMS ... PARAMS(empty)        the environment, as name-value pairs
//	STDIN  ... STDIN(empty)         the content of the request
//
// and its answer STDOUT and STDERR records in any order, an empty STDOUT as the end of that stream, and END_REQUEST with
// a status of the application and one of the protocol. STDOUT holds a CGI response: a head (package cgi has its Status
// rule), an empty line, and the content. A field line may be cut between two records.
//
// # Writing
//
// The Append functions make a request. A parameter is opened, its value appended by whoever has it, and closed, so that no
// value is measured before it is written and none is copied:
//
//	dst = fastcgi.AppendBegin(dst, true)
//	params := len(dst)
//	dst = fastcgi.OpenParams(dst)
//	at := len(dst)
//	dst = fastcgi.OpenParam(dst, "REQUEST_URI")
//	dst = append(dst, uri...)
//	dst = fastcgi.CloseParam(dst, at)
//	dst, err = fastcgi.CloseParams(dst, params)
//
// The content is sent from where it lies: AppendStdinHeader, up to MaxRecord bytes of the caller's, AppendPadding; and
// AppendStdinEnd once.
//
// # Reading
//
// A Reader is fed what was received, cut anywhere, and hands out views of the payload. It is as strict as NGINX, which
// refuses another version, another record type than the three above and another request id than RequestID.
//
// # Invariants
//
// One request at a time on a connection, with the id RequestID (NGINX: the same; no known server multiplexes). A
// connection may be used again when Reader.Clean says so and the request was sent whole.
//
// # Limits
//
// All parameters of a request fit one record of 65535 bytes (NGINX: the same, then 500). STDIN records are as long as the
// caller makes them (NGINX: 32 KiB, which MaxStdin repeats).
package fastcgi
