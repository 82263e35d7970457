// Package cgi holds what FastCGI, SCGI and uwsgi have in common because all three carry the environment of a CGI program
// (RFC 3875): how a request field becomes a variable, which fields do not, and what the Status field of a response says.
//
// A variable is HTTP_ and the field's name in capitals, "-" written as "_" (RFC 3875 section 4.1.18). So two fields may
// become one variable, X-Real-IP and X_Real_IP say, and the application cannot tell which one it reads. NGINX's
// underscores_in_headers off, its default and ours, drops the second before it comes here. A variable that the
// configuration sets itself (fastcgi_param HTTP_X ...) shadows every field of that name: see Fields.
//
// Proxy is never passed. HTTP_PROXY is how many programs find the proxy for requests of their own, so a client that
// sends "Proxy: evil.example" would read them ("httpoxy", CVE-2016-5385). NGINX leaves this to the configuration.
//
// Everything here is pure, and safe for any goroutine.
package cgi
