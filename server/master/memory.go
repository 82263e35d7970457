package master

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// noMemory is a zone that there is no memory for. NGINX alerts of it; whatever else stops a start is an emergency.
type noMemory struct{ error }

func levelOf(err error) errlog.Level {
	if errors.As(err, new(noMemory)) {
		return errlog.Alert
	}
	return errlog.Emerg
}

// tryZones asks the kernel for the memory of each zone, and gives it back untouched. Zones take memory as they fill up, and what
// comes to more than the machine has would be missed in the middle of the work, or end a process that has no master at once.
func (l *loaded) tryZones() error {
	for i := range l.Zones {
		z := &l.Zones[i]
		memory, err := unix.Mmap(-1, 0, int(max(z.Bytes, z.Size)), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_SHARED)
		if err != nil {
			return noMemory{&callError{fmt.Sprintf("mmap(MAP_ANON|MAP_SHARED, %d)", z.Size), err}}
		}
		_ = unix.Munmap(memory)
	}
	return nil
}
