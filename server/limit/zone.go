package limit

import (
	"fmt"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// ZoneConfig describes a zone.
type ZoneConfig struct {
	// Name is unique among the zones of one kind.
	Name string
	// Size is in bytes, at least MinZone.
	Size int64
	// Key appends what requests are told apart by. A request whose key is empty is not counted.
	Key pipeline.Value
	// KeyText is the key as it stands in the configuration, for messages.
	KeyText string
	// Rate is how fast buckets drain, in thousandths of a request per second: 10r/s is 10000, 30r/m is 500. NGINX rounds
	// down to whole thousandths as well. It is for limit_req alone.
	Rate int64
}

// ReqZone is a limit_req_zone. Any goroutine may use it.
type ReqZone struct {
	ZoneConfig
	*table
	now func() int64
}

// ConnZone is a limit_conn_zone. Any goroutine may use it.
type ConnZone struct {
	ZoneConfig
	*table
}

// NewReqZone makes a zone for limit_req. When old, the zone of that name in the configuration before, has the same size, the
// new one goes on with its states; old may be nil.
func NewReqZone(c ZoneConfig, old *ReqZone) (*ReqZone, error) {
	if c.Rate < 1 {
		return nil, fmt.Errorf("limit: zone %q: rate of %d thousandths", c.Name, c.Rate)
	}
	c.Rate = min(c.Rate, MaxRate)
	z := &ReqZone{ZoneConfig: c, now: milliseconds}
	var before *ZoneConfig
	if old != nil {
		before, z.table, z.now = &old.ZoneConfig, old.table, old.now
	}
	fresh, err := c.check("limit_req", before)
	if err == nil && fresh {
		z.table = newTable(c.Size, reqStateLen)
	}
	return z, err
}

// NewConnZone makes a zone for limit_conn; see NewReqZone.
func NewConnZone(c ZoneConfig, old *ConnZone) (*ConnZone, error) {
	z := &ConnZone{ZoneConfig: c}
	var before *ZoneConfig
	if old != nil {
		before, z.table = &old.ZoneConfig, old.table
	}
	fresh, err := c.check("limit_conn_zone", before)
	if err == nil && fresh {
		z.table = newTable(c.Size, connState)
	}
	return z, err
}

// check finds faults, and tells whether the zone needs states of its own.
func (c *ZoneConfig) check(directive string, old *ZoneConfig) (fresh bool, err error) {
	switch {
	case c.Key == nil:
		return false, fmt.Errorf("limit: zone %q has no key", c.Name)
	case c.Size < MinZone || c.Size > 1<<40:
		return false, fmt.Errorf("limit: zone %q is too small or too large: %d bytes", c.Name, c.Size)
	case old == nil:
		return true, nil
	case old.Size != c.Size:
		return true, nil
	case old.KeyText != c.KeyText:
		return false, fmt.Errorf("limit: %s %q uses the %q key while previously it used the %q key", directive, c.Name, c.KeyText, old.KeyText)
	}
	return false, nil
}

// ByClient is the key of $binary_remote_addr: the 4 or 16 bytes of the client's address, "unix:" for a unix socket.
func ByClient(c *pipeline.Ctx, dst []byte) []byte {
	switch a := c.Client().Addr(); {
	case a.Is4():
		b := a.As4()
		return append(dst, b[:]...)
	case a.Is6():
		b := a.As16()
		return append(dst, b[:]...)
	}
	return append(dst, "unix:"...)
}

var began = time.Now()

// milliseconds is a clock that only goes forward. It begins far from 0, because a state of time 0 counts as one that has
// been idle for ever.
func milliseconds() int64 { return 1<<40 + time.Since(began).Milliseconds() }
