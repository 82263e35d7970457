// Package headers adds fields to responses: NGINX's headers filter, that is add_header, add_trailer and expires.
//
// The filter is the innermost but for the slice filter (filter.Order), so what it adds is seen by all others: gzip_proxied
// looks at its Expires. Fields and Expires go with the statuses that NGINX has for it, 200, 201, 204, 206, 301, 302, 303,
// 304, 307 and 308, and a field that says "always" with all.
//
// A name of the fields that a response has once, ETag and Last-Modified, is set, and removed by an empty value; Content-Type
// is set, too, where NGINX sends a second line. Any other name is added, unless the value is empty.
//
// A response with trailers is sent in chunks, to clients of HTTP/1.1; others get none.
package headers
