package limit

// Hot: runs for every request; no allocation, no map, no defer; refused requests allocate.

import (
	"errors"
	"fmt"

	"github.com/wheelpit/wheelpit/pipeline"
)

// ConnLimit is one limit_conn directive: at most Number requests of a key at once.
type ConnLimit struct {
	Zone   *ConnZone
	Number int64
}

// ConnConfig is what limit_conn and its companions say in one location.
type ConnConfig struct {
	// Limits hold all together, in their order.
	Limits []ConnLimit
	// Status is the answer to a request too many (limit_conn_status); the default is 503.
	Status int
	// Level is of the message about it (limit_conn_log_level).
	Level Level
	// DryRun counts and tells but refuses nobody (limit_conn_dry_run).
	DryRun bool
	// Log may be nil.
	Log LogFunc
}

// Conn is a pipeline.RequestHook that limits how many requests of a key are in progress. A request is counted from its head
// to the end of its response, once, however often it is directed elsewhere; subrequests are not counted.
type Conn struct {
	limits []ConnLimit
	refuse error
	level  Level
	dryRun bool
	log    LogFunc
}

// NewConn compiles the limits of a location.
func NewConn(c ConnConfig) (*Conn, error) {
	if c.Status == 0 {
		c.Status = 503
	}
	if c.Status < 400 || c.Status > 599 {
		return nil, fmt.Errorf("limit: status %d is not from 400 to 599", c.Status)
	}
	for _, l := range c.Limits {
		if l.Zone == nil || l.Zone.Key == nil || l.Number < 1 || l.Number > 65535 {
			return nil, errors.New("limit: limit_conn without a zone, or with a number that is not from 1 to 65535")
		}
	}
	return &Conn{limits: c.Limits, level: c.Level, dryRun: c.DryRun, log: c.Log,
		refuse: &pipeline.Error{Status: c.Status, Message: "limiting connections"}}, nil
}

// connPin is a state that a request is counted in.
type connPin struct {
	pin
	table *table
}

// held is where a request in progress is counted. It stays with its Ctx.
type held struct {
	key  []byte
	pins []connPin
	done func() // release, made once
}

var connSlot = pipeline.NewSlot() // of a *held

// ProcessRequest counts the request until its end, or refuses it.
func (m *Conn) ProcessRequest(c *pipeline.Ctx) error {
	main := c.Main()
	if _, done := main.Get(connKey{}).(*Status); done || c.IsSubrequest() {
		return nil
	}
	h, _ := (*c.Attached(connSlot)).(*held)
	if h == nil {
		h = new(held)
		h.done = h.release
		*c.Attached(connSlot) = h
	}
	status, zone, any := m.count(c, h)
	if !any {
		h.release()
		return nil
	}
	main.Set(connKey{}, &statuses[status])
	if status == Passed {
		main.OnLeave(h.done)
		return nil
	}
	h.release()
	if zone != nil {
		mark := ""
		if m.dryRun {
			mark = ", dry run,"
		}
		m.log.say(c, m.level, "limiting connections"+mark+` by zone "`+zone.Name+`"`)
	}
	if status == RejectedDryRun {
		return nil
	}
	return c.Refuse(m.refuse)
}

// count adds the request to every zone. any tells whether one has a key for it; zone is the one that refuses it, nil when
// that has no room.
func (m *Conn) count(c *pipeline.Ctx, h *held) (status Status, zone *ConnZone, any bool) {
	for i := range m.limits {
		l := &m.limits[i]
		h.key = l.Zone.Key(c, h.key[:0])
		if len(h.key) == 0 {
			continue
		}
		if len(h.key) > MaxConnKey {
			m.log.say(c, LevelError, `the value of the "`+l.Zone.KeyText+`" key is more than 255 bytes`)
			continue
		}
		any = true
		p, o := l.Zone.enter(h.key, l.Number)
		if o == counted {
			h.pins = append(h.pins, p)
			continue
		}
		if o == busy {
			zone = l.Zone
		}
		if m.dryRun {
			return RejectedDryRun, zone, true
		}
		return Rejected, zone, true
	}
	return Passed, nil, any
}

// enter counts one more request of key, which it may write over. The requests of a key are the sum of those of all processes.
func (z *ConnZone) enter(key []byte, number int64) (p connPin, o outcome) {
	id := z.ident(key)
	s := z.shard(id.hash)
	z.lock(s)
	own, n := s.sum(id, z.owner)
	switch {
	case n >= number:
		o = busy
	case own == 0 && !s.fits(id):
		o = full
	default:
		if own == 0 {
			own = s.add(id, z.owner)
		}
		s.states[own].count++
		p = connPin{pin{s, own, id.hash}, z.table}
	}
	s.unlock()
	return p, o
}

// sum adds up the requests of a key, and returns the number of the state of those that a process has, 0 when there is none.
func (s *shard) sum(id ident, owner uint32) (own int32, n int64) {
	for i := *s.bucket(id.hash); i != 0; i = s.states[i].next {
		e := &s.states[i]
		if !e.is(&id) {
			continue
		}
		if n += int64(e.count); e.owner == owner {
			own = i
		}
	}
	return own, n
}

// release takes the request out of all zones.
func (h *held) release() {
	for i := range h.pins {
		h.pins[i].leave()
	}
	clear(h.pins)
	h.pins, h.key = h.pins[:0], kept(h.key)
}

// kept is memory for the key of the next request, unless one odd key made it large.
func kept(key []byte) []byte {
	if cap(key) > keptKey {
		return nil
	}
	return key[:0]
}

// keptKey bounds it, in bytes.
const keptKey = 1 << 10

// leave takes the request out of one.
func (p *connPin) leave() {
	p.table.lock(p.shard)
	switch e := p.at(); {
	case e == nil || e.owner != p.table.owner:
	case e.count > 1:
		e.count--
	default:
		p.shard.remove(p.state)
	}
	p.shard.unlock()
}
