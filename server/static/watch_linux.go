package static

import (
	"bytes"
	"encoding/binary"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// openWatcher opens the descriptor of inotify.
func openWatcher() (*watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	return newTree(fd), nil
}

// watched are the events that change what a path comes to. IN_CLOSE_WRITE tells of stores into a mapping, late.
const watched = unix.IN_MODIFY | unix.IN_CLOSE_WRITE | unix.IN_ATTRIB | unix.IN_CREATE | unix.IN_DELETE |
	unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR | unix.IN_DONT_FOLLOW

// addWatch returns the number of a watch on a directory, triedWatch when there can be none.
func (w *watcher) addWatch(path string) int32 {
	watch, err := unix.InotifyAddWatch(w.fd, path, watched)
	if err != nil {
		return triedWatch
	}
	return int32(watch)
}

// removeWatch ends a watch. That the kernel tells so concerns nobody any more.
func (w *watcher) removeWatch(watch int32) {
	_, _ = unix.InotifyRmWatch(w.fd, uint32(watch))
}

// read reads all events there are and marks what they tell of. Any goroutine may call it.
func (w *watcher) read() {
	w.reading.Add(1)
	w.mu.Lock()
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(w.fd), uintptr(unsafe.Pointer(&w.buf[0])), uintptr(len(w.buf)))
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 || n == 0 {
			break
		}
		w.events(w.buf[:n])
	}
	w.mu.Unlock()
	w.reading.Add(-1)
}

// events takes the events of one read apart (inotify(7)). The caller holds mu.
func (w *watcher) events(b []byte) {
	for len(b) >= unix.SizeofInotifyEvent {
		watch, mask := int32(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint32(b[4:])
		end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(b[12:]))
		if end > len(b) {
			return
		}
		name := b[unix.SizeofInotifyEvent:end]
		if i := bytes.IndexByte(name, 0); i >= 0 {
			name = name[:i]
		}
		if mask&unix.IN_Q_OVERFLOW != 0 {
			w.lost()
		} else {
			w.changed(watch, name)
		}
		b = b[end:]
	}
}

// kindOf looks at a path without following a link.
func kindOf(path string) nodeKind {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return other
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		return directory
	case unix.S_IFLNK:
		return link
	}
	return other
}

// readLink returns what a symbolic link says, empty when it cannot be read.
func readLink(path string) string {
	target, err := os.Readlink(path)
	if err != nil {
		return ""
	}
	return target
}
