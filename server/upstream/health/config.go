package health

import (
	"fmt"
	"strings"
	"time"
)

// Config is the health_check directive. Zero values stand for NGINX's defaults.
type Config struct {
	// Interval is the time between two probes of a peer, 5 seconds; Jitter up to how much is added to it at random.
	Interval, Jitter time.Duration
	// Fails and Passes are how many probes in a row change what is thought of a peer, 1 each.
	Fails, Passes int
	// URI is the target of the request, "/".
	URI string
	// Host is the Host field; the name of the group when it is empty.
	Host string
	// Port replaces that of the peers' addresses when it is not 0.
	Port int
	// Timeout bounds a probe, 60 seconds (NGINX: proxy_connect_timeout and proxy_read_timeout).
	Timeout time.Duration
	// Match says which responses pass; nil is any with a status of 2xx or 3xx.
	Match *Match
}

const (
	defaultInterval = 5 * time.Second
	defaultTimeout  = 60 * time.Second
	maxBody         = 256 << 10 // NGINX: of match's body
)

// withDefaults returns c with its zero values replaced, or what is wrong with it.
func (c Config) withDefaults(group string) (Config, error) {
	if c.Interval == 0 {
		c.Interval = defaultInterval
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	c.Fails, c.Passes = max(c.Fails, 1), max(c.Passes, 1)
	if c.URI == "" {
		c.URI = "/"
	}
	if c.Host == "" {
		c.Host = group
	}
	switch {
	case c.Interval < 0 || c.Jitter < 0 || c.Timeout < 0:
		return c, fmt.Errorf("health: negative time in the health check of %q", group)
	case c.Port < 0 || c.Port > 65535:
		return c, fmt.Errorf("health: invalid port %d", c.Port)
	case !strings.HasPrefix(c.URI, "/") || strings.ContainsAny(c.URI, " \r\n\x00") || strings.ContainsAny(c.Host, " \r\n\x00"):
		return c, fmt.Errorf("health: invalid uri %q or host %q", c.URI, c.Host)
	}
	return c, nil
}
