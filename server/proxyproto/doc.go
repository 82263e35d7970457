// Package proxyproto reads the header that a proxy in front sends before the first byte of a connection, to tell whose it is:
// the PROXY protocol of HAProxy, versions 1 and 2 (proxy-protocol.txt; NGINX: listen ... proxy_protocol).
//
//	version 1:  PROXY TCP4 192.0.2.1 192.0.2.2 123 5678 CR LF
//	version 2:  12 bytes signature | version, command | family, transport | length | addresses | TLVs
//
// # Terms
//
// Source is the client, Destination the address that it connected to. A TLV is an element behind the addresses of version 2:
// a type, a length and a value; the one of type 0x20 holds elements of its own, about TLS.
//
// # Where it differs from NGINX
//
// A header may come in pieces: NGINX takes what one read brings, and refuses the connection when that is not all. What is
// said to be an address has to be one.
//
// # Limits
//
//	                          here   NGINX
//	bytes of a version 1      107    4096
//	bytes of a version 2      4096   4096
package proxyproto
