// Package admin shows and changes upstream groups at run time, with the paths and the JSON of NGINX Plus' API (/api/9/http/upstreams).
//
//	GET    /http/upstreams/                    all groups, with their peers and counters
//	GET    /http/upstreams/NAME/               one group
//	DELETE /http/upstreams/NAME/               begins its counters anew
//	GET    /http/upstreams/NAME/servers/       the servers' settings
//	POST   /http/upstreams/NAME/servers/       adds a server: {"server": "10.0.0.1:80", "weight": 2}
//	GET    /http/upstreams/NAME/servers/ID
//	PATCH  /http/upstreams/NAME/servers/ID     {"weight": 5}, {"down": true}, {"drain": true}
//	DELETE /http/upstreams/NAME/servers/ID     removes a server; its requests are not disturbed
//
// [Handler.Do] answers without any transport, [Handler.Handle] is the same for a pipeline. Whoever may ask can change where requests go: serve it on a unix socket, or behind access rules.
//
// It works with every group, where NGINX Plus wants a zone. Changes last until the configuration is loaded again. A server's address,
// route and backup cannot be changed, only removed and added.
package admin
