package proxy

// Hot: the body of a request on its way to a peer.

import (
	"os"
	"sync"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pool"
	"github.com/wheelpit/wheelpit/server/fastcgi"
)

// content is the body of a request: in memory, in a file, or still to come from a client while it is sent.
type content struct {
	bytes  []byte
	file   *pool.File
	size   int64  // of the file
	name   string // of the file
	stays  bool   // the file outlives the request
	stream *feed
}

// feed is a body that is sent as the client sends it. A worker reads the client; the reactor sends.
type feed struct {
	mu      sync.Mutex
	room    chan struct{} // the peer has taken what was queued
	first   []byte        // what came before the peer was asked
	started bool
	ended   bool
	stopped bool // the answer has come, or the peer is gone: send no more
	chunked bool
	wake    func()        // ends a wait for the client; nil when nobody reads it
	aside   bool          // it is read beside the worker, which answers meanwhile; see feed.go. It is set before the peer is asked
	over    chan struct{} // closed when the reading is over
	err     error         // that the request failed with, of the client's; the reactor's until there is no answer
}

// reading tells what ends a wait for the client; nil when the reading is over.
func (f *feed) reading(wake func()) {
	f.mu.Lock()
	f.wake = wake
	f.mu.Unlock()
}

// wanted tells whether anybody still wants the body.
func (f *feed) wanted() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.stopped
}

// queue queues the body and returns how many bytes it is.
func (b *content) queue(c *loop.Conn, p Protocol) int64 {
	if p == FastCGI {
		return b.queueRecords(c)
	}
	switch {
	case b.file != nil:
		c.WriteFile(b.file, 0, b.size)
		return b.size
	case len(b.bytes) > 0:
		b.write(c, b.bytes)
	}
	return int64(len(b.bytes))
}

// write queues p, all of the body in memory or some of it. A connection may outlive the call, when the peer has answered before it was
// sent all: so what the next call may have its body in is copied if the peer does not take it at once. Nobody writes to a larger one.
func (b *content) write(c *loop.Conn, p []byte) {
	if len(b.bytes) > keptMax {
		c.WriteStatic(p)
		return
	}
	c.WriteBorrowed(p)
}

// queueRecords queues the body as FastCGI has it.
func (b *content) queueRecords(c *loop.Conn) int64 {
	at, size := int64(0), b.size
	if b.file == nil {
		size = int64(len(b.bytes))
	}
	for at < size {
		n := int(min(size-at, fastcgi.MaxStdin))
		c.Commit(fastcgi.AppendStdinHeader(c.Reserve(fastcgi.HeaderSize), n))
		if b.file != nil {
			c.WriteFile(b.file, at, int64(n))
		} else {
			b.write(c, b.bytes[at:at+int64(n)])
		}
		c.Commit(fastcgi.AppendPadding(c.Reserve(8), n))
		at += int64(n)
	}
	if b.stream == nil {
		c.Commit(fastcgi.AppendStdinEnd(c.Reserve(fastcgi.HeaderSize)))
	}
	return size
}

// complete tells whether all of the body was queued.
func (b *content) complete() bool {
	if b.stream == nil {
		return true
	}
	b.stream.mu.Lock()
	defer b.stream.mu.Unlock()
	return b.stream.ended
}

// awaited tells whether more of the body is to come from the client.
func (b *content) awaited() bool {
	if b.stream == nil {
		return false
	}
	b.stream.mu.Lock()
	defer b.stream.mu.Unlock()
	return !b.stream.ended && !b.stream.stopped
}

// begun tells whether bytes were sent that nobody has any more.
func (b *content) begun() bool {
	if b.stream == nil {
		return false
	}
	b.stream.mu.Lock()
	defer b.stream.mu.Unlock()
	return b.stream.started
}

// drained lets who reads the client go on.
func (b *content) drained() {
	if b.stream != nil {
		b.stream.poke()
	}
}

func (f *feed) poke() {
	select {
	case f.room <- struct{}{}:
	default:
	}
}

// stop has the reader of the client give up, at once if it waits for one who waits for the answer.
func (b *content) stop() {
	if f := b.stream; f != nil {
		f.mu.Lock()
		if f.stopped = true; f.wake != nil {
			f.wake()
		}
		f.mu.Unlock()
		f.poke()
	}
}

// close gives back what the body holds.
func (b *content) close() {
	if b.file != nil {
		b.file.Release()
	}
	if b.name != "" && !b.stays {
		_ = os.Remove(b.name)
	}
	*b = content{}
}

// offer is a piece of a body that streams, on the reactor: p is a copy, and may be empty at the end.
func (x *call) offer(p []byte, end bool) {
	f := x.body.stream
	if x.stage != atHead && x.stage != atBody || x.link == nil {
		if x.stage == finished {
			x.body.stop()
		}
		return
	}
	c := x.link.conn
	f.mu.Lock()
	f.started, f.ended = true, f.ended || end
	f.mu.Unlock()
	x.state().sent.Add(int64(len(p)))
	switch {
	case x.h.cfg.Protocol == FastCGI:
		if len(p) > 0 {
			c.Commit(fastcgi.AppendStdin(c.Reserve(len(p)+2*fastcgi.HeaderSize), p))
		}
		if end {
			c.Write(fastcgi.AppendStdinEnd(nil))
		}
	case !f.chunked:
		c.Write(p)
	default:
		c.Write(appendChunk(nil, p, end))
	}
	if !x.rate.rests {
		c.SetTimeout(timeRead, x.h.read)
	}
	if c.SendNow(); !c.Closed() && c.Queued() == 0 {
		f.poke()
	}
}

// appendChunk appends p as a chunk, and the last one.
func appendChunk(b, p []byte, end bool) []byte {
	if len(p) > 0 {
		b = append(append(http1.AppendChunkHead(b, len(p)), p...), "\r\n"...)
	}
	if end {
		b = append(b, http1.LastChunk...)
	}
	return b
}
