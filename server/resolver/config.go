package resolver

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// Config are the parameters of NGINX's resolver directive.
type Config struct {
	// Servers are the name servers; at least one.
	Servers []netip.AddrPort
	// Valid is how long an answer is kept instead of its TTL (valid=); 0 is the TTL.
	Valid time.Duration
	// NoIPv4 and NoIPv6 leave a family out (ipv4=off, ipv6=off).
	NoIPv4, NoIPv6 bool
	// Log takes what NGINX writes to the error log at level error. nil is nobody. It is called on the resolver's goroutines.
	Log func(message string)

	// Resend is how long a server may take before the next one is asked; 0 is DefaultResend. NGINX has no directive for it.
	Resend time.Duration
	// MaxEntries is how many answers are kept; 0 is DefaultEntries.
	MaxEntries int
}

const (
	// DefaultPort is a name server's.
	DefaultPort = 53
	// DefaultTimeout is the default of resolver_timeout.
	DefaultTimeout = 30 * time.Second
	// DefaultResend is how long NGINX waits for a server.
	DefaultResend = 5 * time.Second
	// DefaultEntries is how many answers are kept.
	DefaultEntries = 10000
	// MaxChain is how many CNAMEs are followed.
	MaxChain = 50
	// MaxQuestions is how many questions are in progress at once, each with one socket or a few.
	MaxQuestions = 1000

	// errorValid is how long NGINX has a user of an error wait before it asks again.
	errorValid = 10 * time.Second
)

// New returns a resolver. Its errors have NGINX's words.
func New(cfg Config) (*Resolver, error) {
	if len(cfg.Servers) == 0 {
		return nil, errors.New("no name servers defined")
	}
	if cfg.NoIPv4 && cfg.NoIPv6 {
		return nil, errors.New(`"ipv4" and "ipv6" cannot both be "off"`)
	}
	if cfg.Resend <= 0 {
		cfg.Resend = DefaultResend
	}
	if cfg.MaxEntries <= 0 {
		cfg.MaxEntries = DefaultEntries
	}
	if cfg.Log == nil {
		cfg.Log = func(string) {}
	}
	r := &Resolver{cfg: cfg, pending: map[key]*question{}}
	r.cache.entries, r.cache.limit = map[key]*entry{}, cfg.MaxEntries
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r, nil
}
