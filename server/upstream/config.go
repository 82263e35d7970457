package upstream

import (
	"errors"
	"fmt"
	"time"
)

// Method is how a group chooses among its peers.
type Method uint8

// The methods, by the directives of an upstream block.
const (
	RoundRobin        Method = iota // none: smooth weighted round robin
	LeastConn                       // least_conn
	LeastTimeHeader                 // least_time header
	LeastTimeLastByte               // least_time last_byte
	IPHash                          // ip_hash
	Hash                            // hash key
	HashConsistent                  // hash key consistent
	Random                          // random
	RandomTwo                       // random two [least_conn]
	RandomTwoHeader                 // random two least_time=header
	RandomTwoLastByte               // random two least_time=last_byte
)

var methodNames = [...]string{"round_robin", "least_conn", "least_time header", "least_time last_byte", "ip_hash", "hash",
	"hash consistent", "random", "random two", "random two least_time=header", "random two least_time=last_byte"}

// String returns the directive without its key.
func (m Method) String() string {
	if int(m) < len(methodNames) {
		return methodNames[m]
	}
	return "unknown"
}

// takesBackup tells whether servers of the group may be backups (NGINX: NGX_HTTP_UPSTREAM_BACKUP of the method).
func (m Method) takesBackup() bool { return m <= LeastTimeLastByte }

// takesSlowStart is the rule in the documentation of slow_start.
func (m Method) takesSlowStart() bool { return m <= LeastTimeLastByte }

// byTime tells which response time the method compares: that of the last byte, or of the header.
func (m Method) byTime() (lastByte bool) { return m == LeastTimeLastByte || m == RandomTwoLastByte }

// Config is one upstream block.
type Config struct {
	// Name is that of the block, or the host of a proxy_pass without one.
	Name string
	// Zone is the name of the shared memory (directive zone), for status pages; every group is shared by all reactors.
	Zone   string
	Method Method
	// Key is what methods hash and hash consistent take, as it is written; New does not need it, each Request has its value.
	Key string
	// Inflight is the parameter of least_time: requests that still wait count, too.
	Inflight bool
	Servers  []ServerConfig
	// Sticky is nil without the directive.
	Sticky *StickyConfig
	// Queue is how many requests may wait for a peer when all have MaxConns; 0 is no queue. QueueTimeout is for how long, 60
	// seconds when it is 0. (NGINX Plus: queue number [timeout=time].)
	Queue        int
	QueueTimeout time.Duration
	// Health is what an active health check (package health) makes of peers that it has not checked yet.
	Health HealthStart
}

// HealthStart is the health of a peer before its first active check.
type HealthStart uint8

// Without checks all peers are healthy. With them, they are so until a check finds something else; with the parameter mandatory
// they get no requests before a check has passed, and with persistent, too, those do that were healthy before a reload.
const (
	NoHealthCheck HealthStart = iota
	HealthyAtFirst
	Mandatory
	MandatoryPersistent
)

// ServerConfig is one server directive, or one server that is added at run time.
type ServerConfig struct {
	// Address is what the directive says: "host", "host:port", "10.0.0.1:80", "unix:/path". Consistent hashing depends on how it
	// is written.
	Address string
	// Addrs are the addresses of it. Without any, Address must be an address itself, or Resolve be set.
	Addrs []Addr
	// Resolve: the addresses come later, and may change, by SetAddrs.
	Resolve bool
	// Service is the name of SRV records (service=), for status pages.
	Service string
	// Weight is 1 when it is 0, and at most 65536 (NGINX has no bound).
	Weight int
	// MaxConns bounds the active requests of each peer, not the connections that are kept for later; 0 is no bound.
	MaxConns int
	// MaxFails failed tries within FailTimeout make a peer unavailable for FailTimeout. Zero values stand for NGINX's defaults, 1
	// and 10 seconds; a negative MaxFails for max_fails=0: failures are not counted.
	MaxFails    int
	FailTimeout time.Duration
	// SlowStart is how long the weight of a peer grows from nothing after it has come back; 0 is at once.
	SlowStart time.Duration
	// Route identifies the server to sticky clients, at most 32 bytes; without it, the MD5 of each address does.
	Route               string
	Backup, Down, Drain bool
}

// Addr is one address of a server.
type Addr struct {
	// Text is "10.0.0.1:8080", "[::1]:8080" or "unix:/path".
	Text string
	// Host is the target of the SRV record it came from, or empty.
	Host string
	// Weight is that of the SRV record; it counts when the server has none of its own. 0 is the server's.
	Weight int
	// Backup: the SRV record does not have the best priority.
	Backup bool
}

// Addrs makes addresses of their texts.
func Addrs(texts ...string) []Addr {
	addrs := make([]Addr, len(texts))
	for i, t := range texts {
		addrs[i].Text = t
	}
	return addrs
}

const (
	defaultFailTimeout  = 10 * time.Second // NGINX: fail_timeout
	defaultQueueTimeout = 60 * time.Second // NGINX Plus: queue
	maxRoute            = 32               // NGINX: NGX_HTTP_UPSTREAM_SID_LEN
	maxWeight           = 1 << 16          // so that sums and products of weights fit
	maxConnsBound       = 1 << 30
)

var errNoServers = errors.New("no servers are inside upstream")

// withDefaults returns s with its zero values replaced, or what is wrong with it.
func (s ServerConfig) withDefaults(m Method) (ServerConfig, error) {
	if s.Weight == 0 {
		s.Weight = 1
	}
	switch {
	case s.MaxFails == 0:
		s.MaxFails = 1
	case s.MaxFails < 0:
		s.MaxFails = 0
	}
	if s.FailTimeout == 0 {
		s.FailTimeout = defaultFailTimeout
	}
	return s, s.check(m)
}

func (s *ServerConfig) check(m Method) error {
	switch {
	case s.Weight < 0 || s.Weight > maxWeight:
		return fmt.Errorf("invalid parameter \"weight=%d\"", s.Weight)
	case s.MaxConns < 0 || s.MaxConns > maxConnsBound:
		return fmt.Errorf("invalid parameter \"max_conns=%d\"", s.MaxConns)
	case s.FailTimeout < 0:
		return fmt.Errorf("invalid parameter \"fail_timeout=%s\"", s.FailTimeout)
	case s.SlowStart < 0:
		return fmt.Errorf("invalid parameter \"slow_start=%s\"", s.SlowStart)
	case len(s.Route) > maxRoute:
		return fmt.Errorf("route is longer than %d", maxRoute)
	case s.Backup && !m.takesBackup():
		return errors.New("balancing method does not support parameter \"backup\"")
	case s.SlowStart > 0 && !m.takesSlowStart():
		return errors.New("balancing method does not support parameter \"slow_start\"")
	}
	return nil
}
