package resolver

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Resolver answers questions and remembers the answers until they expire. It is made by New and ended by Close.
type Resolver struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelFunc
	turn   atomic.Uint32 // of the name servers
	cache  cache
	counts counts

	mu      sync.Mutex
	pending map[key]*question
	closed  bool
}

// A key is what is asked.
type key struct {
	kind kind
	name string // in lower case, without the last dot
}

type kind uint8

const (
	hosts    kind = iota // A and AAAA
	services             // SRV
	reverse              // PTR
)

// Lookup asks for the addresses of name and calls done with them, or with an error after timeout at the latest; 0 is
// DefaultTimeout. An address is its own answer.
func (r *Resolver) Lookup(name string, timeout time.Duration, done func(Result)) {
	if addr, err := netip.ParseAddr(name); err == nil {
		go done(Result{Name: name, Addrs: []netip.Addr{addr}, Valid: time.Now().Add(maxTTL)})
		return
	}
	r.ask(key{hosts, plain(name)}, timeout, done)
}

// LookupService asks for the addresses of a service of a host, as the parameter service= of NGINX's server directive does:
// "http" of "example.com" is _http._tcp.example.com, and a service with a dot stands before the name as it is.
func (r *Resolver) LookupService(service, name string, timeout time.Duration, done func(Result)) {
	if !strings.Contains(service, ".") {
		service = "_" + service + "._tcp"
	}
	r.ask(key{services, plain(service + "." + name)}, timeout, done)
}

// LookupAddr asks for the name of an address.
func (r *Resolver) LookupAddr(addr netip.Addr, timeout time.Duration, done func(Result)) {
	r.ask(key{reverse, arpa(addr.Unmap())}, timeout, func(res Result) {
		if e, ok := res.Err.(*Error); ok {
			res.Name = addr.String()
			res.Err = &Error{res.Name, e.Code}
		}
		done(res)
	})
}

// Close ends the resolver: lookups in progress and later ones end with TimedOut. It does not wait for their callbacks.
func (r *Resolver) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
}

// plain is the form in which names are compared.
func plain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// arpa is the name under which the name of an address is found (RFC 1035 section 3.5, RFC 3596 section 2.5).
func arpa(addr netip.Addr) string {
	var b strings.Builder
	if addr.Is4() {
		for _, octet := range backwards(addr.AsSlice()) {
			b.WriteString(strconv.Itoa(int(octet)) + ".")
		}
		return b.String() + "in-addr.arpa"
	}
	const hex = "0123456789abcdef"
	for _, octet := range backwards(addr.AsSlice()) {
		b.WriteString(string([]byte{hex[octet&15], '.', hex[octet>>4], '.'}))
	}
	return b.String() + "ip6.arpa"
}

func backwards(b []byte) []byte {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return b
}
