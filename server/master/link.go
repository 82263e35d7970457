package master

import (
	"bufio"
	"encoding/gob"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// A worker is started with two pipes, a file of shared memory, and behind them the listening sockets and the zones. On the first the master sends a hello and
// nothing else: its end tells the worker that the master is gone. On the second the worker reports, a line each:
//
//	ready          it serves
//	served 123     so many requests since the line before
const (
	fdHello = 3 + iota
	fdReport
	fdShared
	fdSockets
)

// hello is what a worker is told.
type hello struct {
	Place    place
	Files    *snapshot
	Sockets  []Listen
	Counts   []int         // descriptors of each of Sockets
	Daemon   bool          // the server went to the background
	Boot     bool          // whoever started the program still listens on stderr
	Interval time.Duration // between two reports, 0 for none

	Generation int // of the configuration
	Zones      int // descriptors of zones, behind the sockets
}

// send writes the hello and waits until the worker has read it.
func (h *hello) send(to *os.File) error { return gob.NewEncoder(to).Encode(h) }

func receiveHello(from *os.File) (*hello, error) {
	h := new(hello)
	if err := gob.NewDecoder(from).Decode(h); err != nil {
		return nil, fmt.Errorf("master: hello: %w", err)
	}
	if h.Files == nil { // gob leaves out what is empty
		h.Files = new(snapshot)
	}
	h.Files.init()
	return h, nil
}

// sockets are the inherited sockets of a worker.
func (h *hello) sockets() []*socket {
	fd := fdSockets
	var list []*socket
	for i, l := range h.Sockets {
		s := &socket{listen: l}
		for range h.Counts[i] {
			s.fds = append(s.fds, fd)
			fd++
		}
		list = append(list, s)
	}
	return list
}

// zones is the first descriptor of the zones.
func (h *hello) zones() int {
	fd := fdSockets
	for _, n := range h.Counts {
		fd += n
	}
	return fd
}

// report is one line of a worker, or its end.
type report struct {
	from   *process
	ready  bool
	served uint64
}

const (
	reportReady  = "ready\n"
	reportServed = "served "
)

// readReports sends the lines of a worker to the master's loop until the worker closes its pipe.
func readReports(p *process, from *os.File, to chan<- report) {
	defer func() { _ = from.Close() }()
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		r := report{from: p, ready: lines.Text() == strings.TrimSpace(reportReady)}
		if n, ok := strings.CutPrefix(lines.Text(), reportServed); ok {
			r.served, _ = strconv.ParseUint(n, 10, 64)
		}
		to <- r
	}
}

// writeReports tells the master that the worker serves, then what it has served, until the pipe breaks.
func writeReports(to *os.File, interval time.Duration, requests func() uint64) {
	if _, err := to.WriteString(reportReady); err != nil || interval <= 0 {
		return
	}
	last := uint64(0)
	for range time.Tick(interval) {
		now := requests()
		if _, err := fmt.Fprintf(to, "%s%d\n", reportServed, now-last); err != nil {
			return
		}
		last = now
	}
}
