// Package resolver finds the addresses of names while the server runs: NGINX's resolver directive. It is a DNS stub client
// (RFC 1034 section 5.3.1) of its own, because the system's resolver blocks, ignores the TTL and knows one configuration
// for the whole process, while resolver is set per location.
//
// # Terminology
//
// A question is a name and what is asked of it: its addresses (A and AAAA), its services (SRV) or, for the name of an
// address, that name (PTR). Everybody who asks the same question while it is in progress waits for the same answer; each
// has its own timeout (resolver_timeout).
//
// # How it works
//
// A question has a goroutine, which sends queries to one name server after the other in turn, waits Resend for the answers,
// and sends what is still open to the next server, until all queries are answered or nobody waits any longer. An answer
// that was cut (TC) is asked for again over TCP. Sockets belong to one question, so that every question has a random source
// port besides its random ids (RFC 5452).
//
// As in NGINX an error of one family is the answer, even when the other family has addresses; an answer that makes no sense
// is logged and waited out; CNAMEs are followed to the end; and errors are not remembered.
//
// # Who may call
//
// Every function may be called from every goroutine, and none blocks. A callback runs on a goroutine of the resolver, once,
// and must not block it: it posts to its reactor. Cached is for the hot path: one read lock and one map lookup, no
// allocation.
//
// # Limits
//
//	MaxChain      50 CNAMEs              NGINX: 50
//	MaxQuestions  1000 in progress       NGINX: none; more are answered with "Server failure"
//	MaxEntries    10000 names kept       NGINX: none, but what was not used for 30 s goes
//	UDP answers   4096 bytes             NGINX: 4096
package resolver
