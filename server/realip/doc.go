// Package realip finds the address of a client behind proxies: NGINX's set_real_ip_from, real_ip_header and
// real_ip_recursive.
//
//	hook, err := realip.New(realip.Config{From: []string{"10.0.0.0/8", "unix:"}, Header: "X-Forwarded-For", Recursive: true})
//	app.Use(hook)
//
// What it finds is Ctx.Client for everything that comes after it: access rules, limits, variables ($remote_addr), logs.
// Ctx.Remote stays the other end of the connection ($realip_remote_addr). A request is looked at once: a hook further in
// leaves alone what one further out has found.
//
// # Rules
//
// A peer that is not in From is the client, whatever it sends. Otherwise the field is read from its end, where the nearest
// proxy has written: its last address is the client's, or with Recursive the last one that is not in From. What is no
// address ends the search with what was found so far. Of X-Forwarded-For all lines count, as one list; of any other field
// the first line, as in NGINX.
//
// # Limits
//
// Octets with leading zeros, which NGINX reads as decimal numbers and inet_aton(3) as octal ones, are no address.
package realip
