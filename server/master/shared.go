package master

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// sharedFile returns the file of memory that the workers of all generations share, which is made for the first of them. Where it
// cannot be made they get /dev/null in its place, and keep what they count to themselves.
func (m *master) sharedFile() (*os.File, error) {
	if m.shared != nil {
		return m.shared, nil
	}
	f, err := newSharedFile()
	if err != nil {
		m.log.Printf(errlog.Warn, "workers share no memory: %s", err)
		if f, err = os.OpenFile(os.DevNull, os.O_RDWR, 0); err != nil {
			return nil, err
		}
	}
	m.shared = f
	return f, nil
}

// inheritShared takes the file from the master.
func inheritShared() *os.File {
	unix.CloseOnExec(fdShared)
	return os.NewFile(fdShared, "shared")
}
