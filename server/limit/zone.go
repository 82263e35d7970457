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
	// Later says that Attach, Adopt or Own brings the memory, before the first request.
	Later bool
}

// ReqZone is a limit_req_zone. Any goroutine may use it.
type ReqZone struct {
	ZoneConfig
	memory
	now func() int64
}

// ConnZone is a limit_conn_zone. Any goroutine may use it.
type ConnZone struct {
	ZoneConfig
	memory
}

// memory is where a zone has its states.
type memory struct {
	*table
	layout layout
}

// NewReqZone makes a zone for limit_req. When old, the zone of that name in the configuration before, has the same size, the
// new one goes on with its states; old may be nil.
func NewReqZone(c ZoneConfig, old *ReqZone) (*ReqZone, error) {
	if c.Rate < 1 {
		return nil, fmt.Errorf("limit: zone %q: rate of %d thousandths", c.Name, c.Rate)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	c.Rate = min(c.Rate, MaxRate)
	z := &ReqZone{ZoneConfig: c, memory: memory{layout: lay(c.Size, reqStateLen)}, now: milliseconds}
	if err := z.Adopt(old); err != nil {
		return nil, err
	}
	if !c.Later {
		z.Own()
	}
	return z, nil
}

// NewConnZone makes a zone for limit_conn; see NewReqZone.
func NewConnZone(c ZoneConfig, old *ConnZone) (*ConnZone, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	z := &ConnZone{ZoneConfig: c, memory: memory{layout: lay(c.Size, connState)}}
	if err := z.Adopt(old); err != nil {
		return nil, err
	}
	if !c.Later {
		z.Own()
	}
	return z, nil
}

// check finds faults.
func (c *ZoneConfig) check() error {
	switch {
	case c.Key == nil:
		return fmt.Errorf("limit: zone %q has no key", c.Name)
	case c.Size < MinZone || c.Size > MaxZone:
		return fmt.Errorf("limit: zone %q is too small or too large: %d bytes", c.Name, c.Size)
	}
	return nil
}

// The directives as NGINX's messages about zones name them.
const (
	ReqDirective  = "limit_req"
	ConnDirective = "limit_conn_zone"
)

// Adopt has the zone go on with the states of old, the zone of its name in the configuration before, in the same process. Without
// one, or when that has another size, nothing is done. Another key is an error, in NGINX's words.
func (z *ReqZone) Adopt(old *ReqZone) error {
	if old == nil || old.Size != z.Size {
		return nil
	}
	z.table, z.now = old.table, old.now
	return z.sameKey(&old.ZoneConfig, ReqDirective)
}

// Adopt is ReqZone.Adopt for the zone of limit_conn.
func (z *ConnZone) Adopt(old *ConnZone) error {
	if old == nil || old.Size != z.Size {
		return nil
	}
	z.table = old.table
	return z.sameKey(&old.ZoneConfig, ConnDirective)
}

func (c *ZoneConfig) sameKey(old *ZoneConfig, directive string) error {
	if c.KeyText != old.KeyText {
		return fmt.Errorf("%s %q uses the %q key while previously it used the %q key", directive, c.Name, c.KeyText, old.KeyText)
	}
	return nil
}

// Bytes is how much memory the zone takes.
func (m *memory) Bytes() int64 { return m.layout.bytes() }

// Own gives the zone memory of this process, if it has none.
func (m *memory) Own() {
	if m.table == nil {
		m.table = m.layout.table()
	}
}

// Attach has the zone use memory that processes share: Bytes of it, mapped for as long as the process lives. Zeros are an empty
// zone; what other processes of the same zone have left there is gone on with.
func (m *memory) Attach(shared []byte) { m.table = m.layout.open(shared) }

// Forget gives back, in shared memory as for Attach, what a process held that has ended: the requests of limit_conn that it had in
// progress, and a lock. It may not be called while another process may have the same id. The zone need not be attached.
func (m *memory) Forget(shared []byte, pid int) { m.layout.open(shared).forget(uint32(pid)) }

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

// milliseconds is a clock that only goes forward, the same to all processes. It begins far from 0, because a state of time 0
// counts as one that has been idle for ever.
func milliseconds() int64 { return 1<<40 + booted + time.Since(began).Milliseconds() }
