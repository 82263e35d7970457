package master

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// How often and how long after a failure an address that is in use is tried again (NGINX: 5 times, 500 ms).
const (
	bindTries = 5
	bindPause = 500 * time.Millisecond
)

// socket is a listening address that this process holds. Its descriptors are plain numbers: an os.File would register
// them with Go's poller and wake it for every connection.
type socket struct {
	listen    Listen
	fds       []int
	inherited bool
}

// openSockets returns the sockets for what is to be listened on: those of old with the same address, opened newly where
// there is none. On an error what was opened is closed again; old is never touched.
func openSockets(want []Listen, old []*socket, log *errlog.Log) ([]*socket, error) {
	var list, opened []*socket
	for i := range want {
		l := &want[i]
		if s := findSocket(old, l.Address); s != nil {
			list = append(list, &socket{*l, slices.Clone(s.fds), s.inherited})
			continue
		}
		s := &socket{listen: *l}
		list, opened = append(list, s), append(opened, s)
	}
	for try := 1; ; try++ {
		busy, err := openMissing(opened, log)
		if err == nil && !busy {
			break
		}
		if err == nil && try < bindTries {
			log.Printf(errlog.Notice, "try again to bind() after %d00ms", bindPause/(100*time.Millisecond))
			time.Sleep(bindPause)
			continue
		}
		if err == nil {
			err = errors.New("still could not bind()")
			log.Printf(errlog.Emerg, "%s", err)
		}
		unlinkSockets(opened)
		closeSockets(opened)
		return nil, err
	}
	for _, s := range list {
		s.configure(old, log)
	}
	return list, nil
}

// openMissing opens the sockets that are not open yet, and says whether an address was in use.
func openMissing(list []*socket, log *errlog.Log) (busy bool, err error) {
	for _, s := range list {
		for len(s.fds) < max(s.listen.ReusePort, 1) {
			fd, err := bind(&s.listen)
			if errors.Is(err, unix.EADDRINUSE) {
				log.Printf(errlog.Emerg, "%s", err)
				busy = true
				break
			}
			if err != nil {
				log.Printf(errlog.Emerg, "%s", err)
				return false, err
			}
			s.fds = append(s.fds, fd)
		}
	}
	return busy, nil
}

// configure sets the options of the socket, and a backlog that has changed.
func (s *socket) configure(old []*socket, log *errlog.Log) {
	before := findSocket(old, s.listen.Address)
	for _, fd := range s.fds {
		s.listen.configure(fd, log)
		if before != nil && before.listen.Backlog != s.listen.Backlog {
			if err := unix.Listen(fd, s.listen.backlog()); err != nil {
				log.Printf(errlog.Alert, "listen() to %s, backlog %d failed, ignored %s", s.listen.Address, s.listen.backlog(),
					errlog.Errno(err))
			}
		}
	}
}

func findSocket(list []*socket, address string) *socket {
	for _, s := range list {
		if s.listen.Address == address {
			return s
		}
	}
	return nil
}

// without returns the sockets of list whose address is not in keep.
func without(list, keep []*socket) (rest []*socket) {
	for _, s := range list {
		if findSocket(keep, s.listen.Address) == nil {
			rest = append(rest, s)
		}
	}
	return rest
}

func closeSockets(list []*socket) {
	for _, s := range list {
		for _, fd := range s.fds {
			_ = unix.Close(fd)
		}
		s.fds = nil
	}
}

// unlinkSockets removes the files of unix sockets that are open, for a process that is the last to use them.
func unlinkSockets(list []*socket) {
	for _, s := range list {
		if len(s.fds) == 0 {
			continue
		}
		if path, ok := strings.CutPrefix(s.listen.Address, "unix:"); ok {
			_ = os.Remove(path)
		}
	}
}

// files duplicates the sockets for a worker in this process, or hands them to it.
func files(list []*socket) ([]Socket, error) {
	var out []Socket
	for _, s := range list {
		to := Socket{Listen: s.listen}
		for _, fd := range s.fds {
			d, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
			if err != nil {
				closeFiles(out)
				return nil, os.NewSyscallError("fcntl", err)
			}
			to.Files = append(to.Files, os.NewFile(uintptr(d), s.listen.Address))
		}
		out = append(out, to)
	}
	return out, nil
}

func closeFiles(list []Socket) {
	for _, s := range list {
		for _, f := range s.Files {
			_ = f.Close()
		}
	}
}

// descriptors lists the numbers of all sockets.
func descriptors(list []*socket) (fds []uintptr) {
	for _, s := range list {
		for _, fd := range s.fds {
			fds = append(fds, uintptr(fd))
		}
	}
	return fds
}

// inheritSockets takes the sockets that a value like "3;4;" names.
func inheritSockets(value string, log *errlog.Log) []*socket {
	log.Printf(errlog.Notice, `using inherited sockets from "%s"`, value)
	var list []*socket
	for text := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ';' || r == ':' }) {
		fd, err := strconv.Atoi(text)
		if err != nil {
			log.Printf(errlog.Emerg, `invalid socket number "%s" in %s environment variable, ignoring the rest of the variable`,
				text, envSockets)
			break
		}
		address, err := addressOf(fd)
		if err != nil {
			log.Printf(errlog.Crit, "getsockname() of the inherited socket #%d failed %s", fd, errlog.Errno(err))
			continue
		}
		unix.CloseOnExec(fd)
		_ = unix.SetNonblock(fd, true)
		if s := findSocket(list, address); s != nil {
			s.fds = append(s.fds, fd)
			continue
		}
		list = append(list, &socket{Listen{Address: address}, []int{fd}, true})
	}
	return list
}

// addressOf writes the address of a socket as Listen.Address does.
func addressOf(fd int) (string, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return "", err
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)).String(), nil
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port)).String(), nil
	case *unix.SockaddrUnix:
		return "unix:" + sa.Name, nil
	}
	return "", fmt.Errorf("master: socket #%d is of a family that is not served", fd)
}
