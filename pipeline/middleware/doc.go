// Package middleware holds the built-in middleware, one file each, with the names, options and defaults of Django or of
// the field.
//
// A middleware is a struct whose fields are its settings, given to App.Use by pointer and not changed afterwards:
//
//	app.Use(
//		&middleware.Hosts{Allowed: []string{".example.com"}},
//		&middleware.Security{SSLRedirect: true, HSTSSeconds: 3600},
//		&middleware.GZip{},
//		&middleware.ConditionalGet{},
//		&middleware.Common{},
//		&middleware.XFrameOptions{},
//	)
//
// The zero value of a field is Django's default. A setting that is on by default has a field that turns it off, named
// Disable...; a text that has a default is left out with [Omit]. Load prepares what can be prepared and refuses what
// cannot work. One value belongs to one application.
//
// # The field's own
//
// What servers and frameworks other than Django have, with NGINX's rules where it has them:
//
//	accessLog := &middleware.AccessLog{Writer: os.Stdout}
//	app.Use(
//		accessLog,                                                      // NGINX access_log, combined
//		&middleware.Recover{Handle: count},                             // what is done with panics
//		&middleware.RealIP{From: []string{"10.0.0.0/8"}},               // set_real_ip_from
//		&middleware.RequestID{Trust: middleware.FromProxy},             // $request_id
//		&middleware.RateLimit{Rate: 10, Burst: 20},                     // limit_req nodelay
//		&middleware.Timeout{After: 30 * time.Second},                   // net/http's TimeoutHandler
//		&middleware.BodyLimit{Max: 64 << 10},                           // client_max_body_size
//		&middleware.BasicAuth{Users: map[string]string{"joe": secret}}, // auth_basic
//	)
//
// That is an order that works: what logs and identifies is outside of what refuses. [ClientIP], [GetRequestID],
// [BasicAuthUser] and [RateLimitStatus] tell the rest of the application what they found. Their hooks run on the reactor
// and do not wait; the exceptions (BasicAuth.Check, RateLimit.Delay) ask for a worker. None of them allocates for a
// request once its memory has grown; RateLimit keeps at most RateLimit.Keys keys, AccessLog at most [LogPending] bytes
// that wait to be written.
//
// # Order
//
// The order of the first list is Django's: Hosts before all that asks for the host, GZip outside of what reads or tags
// bodies, and Common inside of what its redirects shall pass through. What Hosts and Security find out about the way to
// the client is what [Host], [Port], [Secure], [Scheme] and [AbsoluteURI] go by.
//
// # Where it differs from Django
//
//   - The host check is a middleware of its own, made for every request, not a side effect of asking for the host. The
//     parser refuses more than Django does: ports over 65535, and what is no IPv6 address in brackets.
//   - GZip respects a weight of zero, leaves files and partial content alone, and takes only the names gzip and x-gzip.
//   - ConditionalGet reads a comma within an entity tag as part of it (RFC 9110 section 8.8.3), and a date of 1970-01-01
//     as a date.
//   - Common leaves IPv6 hosts and "WWW." without another www, and Content-Length to the server.
//   - Security's RedirectExempt sees the normalised path, so "/open/../private" is not exempt by "^open/".
package middleware
