// Package health is the active health check of an upstream group: NGINX Plus' directives health_check and match. It sends a request to
// every peer from time to time; a peer whose answers are not as they should be gets no requests until they are again.
//
//	checker, err := health.New(group, health.Config{URI: "/ready", Fails: 3, Passes: 2}, nil)
//	go checker.Run(ctx)
//
// # Terms
//
// A probe is one request to one peer. It passes when its response is what the match says; without a match, a status of 2xx or 3xx. Fails
// probes in a row that do not pass make a peer unhealthy, Passes in a row make it healthy again.
//
// # Limits
//
// Parameter require of match, which needs variables, is not here; nor are type=grpc and checks of TLS servers, which a [Prober]
// of the caller's can do. The first 256 KiB of a body are looked at, as in NGINX. Servers that are down are not probed. Each peer is
// probed by a goroutine of its own; nothing here runs on a reactor.
package health
