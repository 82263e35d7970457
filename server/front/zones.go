package front

import (
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/limit"
	"github.com/wheelpit/wheelpit/server/master"
)

// zones are the memory of limits, by name.
type zones struct {
	req  map[string]*limit.ReqZone
	conn map[string]*limit.ConnZone
	list []master.Zone // all, in the order of the configuration
}

// makeZones compiles limit_req_zone and limit_conn_zone. The zones have no memory yet: see readyZones.
func (b *builder) makeZones(s *scope) {
	b.rt.zones = zones{req: map[string]*limit.ReqZone{}, conn: map[string]*limit.ConnZone{}}
	for _, d := range s.own["limit_req_zone"] {
		c := b.zone(d)
		z, err := limit.NewReqZone(c, nil)
		if err != nil {
			b.check(d, err)
			continue
		}
		b.rt.zones.req[c.Name] = z
		b.rt.zones.add(limit.ReqDirective, c, z)
	}
	for _, d := range s.own["limit_conn_zone"] {
		c := b.zone(d)
		z, err := limit.NewConnZone(c, nil)
		if err != nil {
			b.check(d, err)
			continue
		}
		b.rt.zones.conn[c.Name] = z
		b.rt.zones.add(limit.ConnDirective, c, z)
	}
}

func (b *builder) zone(d *conf.Directive) limit.ZoneConfig {
	z, _ := d.Value.(conf.Zone)
	key := b.script(z.Key)
	return limit.ZoneConfig{Name: z.Name, Size: z.Size, Key: key.append, KeyText: d.Args[0], Rate: z.Rate, Later: true}
}

// shareable is what both kinds of zones have for their memory.
type shareable interface {
	Bytes() int64
	Attach(memory []byte)
	Forget(memory []byte, pid int)
}

func (z *zones) add(directive string, c limit.ZoneConfig, s shareable) {
	z.list = append(z.list, master.Zone{
		Directive: directive, Name: c.Name, Key: c.KeyText, Size: c.Size, Bytes: s.Bytes(), Attach: s.Attach, Forget: s.Forget,
	})
}

// readyZones gives memory of this process to the zones that the master has given none: that of the zones of the configuration
// before, where they are the same.
func (rt *Runtime) readyZones() error {
	old := new(zones)
	if rt.older != nil {
		old = &rt.older.zones
	}
	for name, z := range rt.zones.req {
		if err := z.Adopt(old.req[name]); err != nil {
			return err
		}
		z.Own()
	}
	for name, z := range rt.zones.conn {
		if err := z.Adopt(old.conn[name]); err != nil {
			return err
		}
		z.Own()
	}
	return nil
}
