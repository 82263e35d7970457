package master

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// Zone is memory that a configuration asks for, and that the workers of all configurations share which ask for it with the same
// directive, name and size: NGINX's shared memory zone. Zeros are an empty one. A process without a master shares it with nobody
// and keeps it as it likes.
type Zone struct {
	// Directive and Name say which one it is; Key is what it counts, which must not change while the size stays.
	Directive, Name, Key string
	// Size is the size in the configuration, Bytes the memory that it takes.
	Size, Bytes int64
	// Attach is called in a worker before Plan.Open, with the memory, which stays.
	Attach func(memory []byte)
	// Forget is called in the master when a worker has ended: what that one held is to be given back.
	Forget func(memory []byte, pid int)
}

// zone is a Zone that the master has made.
type zone struct {
	Zone
	file   *os.File
	memory []byte
}

// openZones returns the zones for what a configuration asks for: those of old that are the same, made newly where there is none.
// On an error what was made is given up; old is never touched.
func openZones(want []Zone, old []*zone) (list []*zone, err error) {
	for i := range want {
		z := findZone(old, &want[i])
		switch {
		case z == nil:
			z, err = newZone(want[i])
		case z.Key != want[i].Key:
			err = fmt.Errorf("%s %q uses the %q key while previously it used the %q key", z.Directive, z.Name, want[i].Key, z.Key)
		}
		if err != nil {
			closeZones(list, old)
			return nil, err
		}
		list = append(list, z)
	}
	return list, nil
}

func newZone(z Zone) (*zone, error) {
	f, err := newSharedFile()
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(z.Bytes); err != nil {
		_ = f.Close()
		return nil, &callError{fmt.Sprintf("ftruncate(%d)", z.Bytes), err}
	}
	memory, err := mapZone(int(f.Fd()), z.Bytes)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &zone{z, f, memory}, nil
}

func mapZone(fd int, bytes int64) ([]byte, error) {
	memory, err := unix.Mmap(fd, 0, int(bytes), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, &callError{fmt.Sprintf("mmap(MAP_SHARED, %d)", bytes), err}
	}
	return memory, nil
}

func findZone(list []*zone, z *Zone) *zone {
	for _, o := range list {
		if o.Directive == z.Directive && o.Name == z.Name && o.Size == z.Size && o.Bytes == z.Bytes {
			return o
		}
	}
	return nil
}

// closeZones gives up the zones of list that are not in keep. Workers that use them have their own descriptors.
func closeZones(list, keep []*zone) {
	for _, z := range list {
		if findZone(keep, &z.Zone) == nil {
			_ = z.file.Close()
			_ = unix.Munmap(z.memory)
		}
	}
}

// forget gives back what a worker that has ended held in the zones.
func (m *master) forget(pid int) {
	for _, g := range []*generation{m.current, m.next} {
		for _, z := range g.ownZones() {
			z.Forget(z.memory, pid)
		}
	}
}

// attachZones gives the zones of a worker the memory that it inherits from descriptor fd on.
func (l *loaded) attachZones(fd, n int) error {
	if len(l.Zones) != n {
		return fmt.Errorf("master: %d zones, but memory for %d", len(l.Zones), n)
	}
	for i := range l.Zones {
		memory, err := mapZone(fd+i, l.Zones[i].Bytes)
		if err != nil {
			return err
		}
		_ = unix.Close(fd + i)
		l.Zones[i].Attach(memory)
	}
	return nil
}

// openZones makes the zones of a generation. What fails is logged.
func (m *master) openZones(g *generation) (err error) {
	if g.zones, err = openZones(g.conf.Zones, m.current.ownZones()); err != nil {
		g.log.Printf(errlog.Emerg, "%s", err)
	}
	return err
}

// ownZones are the zones of a generation; none of no generation.
func (g *generation) ownZones() []*zone {
	if g == nil {
		return nil
	}
	return g.zones
}
