package proxy

import (
	"sync"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
)

// pipe carries a body from the reactor to a worker.
//
//	reactor ─push─▶ [ buffers, ≤ pipeMax bytes and a piece ] ─next─▶ worker          the peer waits while it is full
type pipe struct {
	mu      sync.Mutex
	bufs    [][]byte // pooled
	size    int
	full    bool // the peer waits
	ended   bool
	err     error
	dropped bool
	wake    chan struct{} // capacity 1
}

// push copies p into the pipe and tells whether it is full.
func (p *pipe) push(r *loop.Reactor, b []byte) bool {
	p.mu.Lock()
	if p.dropped {
		p.mu.Unlock()
		return false
	}
	if n := len(p.bufs); n > 0 && cap(p.bufs[n-1])-len(p.bufs[n-1]) >= len(b) {
		p.bufs[n-1] = append(p.bufs[n-1], b...)
	} else {
		p.bufs = append(p.bufs, append(r.Shared().Get(max(len(b), 8<<10)), b...))
	}
	p.size += len(b)
	p.full = p.full || p.size > pipeMax
	full := p.full
	p.mu.Unlock()
	p.poke()
	return full
}

// close ends the body; an error says that it is not whole.
func (p *pipe) close(err error) {
	p.mu.Lock()
	p.ended, p.err = true, err
	p.mu.Unlock()
	p.poke()
}

func (p *pipe) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// drop tells the reactor's side that nobody reads any more.
func (p *pipe) drop() {
	p.mu.Lock()
	p.dropped = true
	p.mu.Unlock()
}

func (p *pipe) gone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped
}

// take returns the next piece, nil when there is none yet; ended tells that there will be none. room tells that the peer
// waited and may go on.
func (p *pipe) take() (b []byte, ended, room bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.bufs) > 0 {
		b = p.bufs[0]
		p.bufs = p.bufs[:copy(p.bufs, p.bufs[1:])]
		p.size -= len(b)
		if p.full && p.size <= pipeMax/2 {
			p.full, room = false, true
		}
		return b, false, room, nil
	}
	return nil, p.ended, false, p.err
}

func (p *pipe) reset(r *loop.Reactor) {
	for i, b := range p.bufs {
		r.Shared().Put(b)
		p.bufs[i] = nil
	}
	p.bufs = p.bufs[:0]
	p.size, p.full, p.ended, p.err, p.dropped = 0, false, false, nil, false
	if len(p.wake) > 0 {
		<-p.wake
	}
}

// copyTo writes the body as a stream: on a worker.
func (x *call) copyTo(s *pipeline.Stream) error {
	if x.bodyAt > 0 { // out is the reactor's to read, it may be about to say piped
		_, err := s.Write(x.raw[x.bodyAt:])
		return err
	}
	fresh := x.body.feeding() != nil // a client may wait for the head before it sends on
	for {
		b, ended, room, err := x.pipe.take()
		switch {
		case b != nil:
			p := b
			if x.clipped {
				p = x.clip(b)
			}
			_, werr := s.Write(p)
			x.r.Shared().Put(b)
			if room {
				x.refs.Add(1)
				x.r.Post(x.onRead)
			}
			if werr != nil || x.clipped && x.want == 0 {
				return werr
			}
			fresh = true
		case ended:
			if err != nil {
				x.tell(s.Ctx())
				_ = s.Flush() // the head, at least, was good
			}
			x.body.endFeed() // before the client hears of the end, and sends what is left of its body
			return err
		default:
			if fresh { // what there is must not wait for what may come
				if err := s.Flush(); err != nil {
					return err
				}
				fresh = false
			}
			if !x.waitPipe(s.Ctx()) {
				return pipeline.ErrClientGone
			}
		}
	}
}

// waitPipe waits for more, or for the end of the request.
func (x *call) waitPipe(c *pipeline.Ctx) bool {
	if fed := x.body.feeding(); fed != nil { // which hears of a client that leaves
		select {
		case <-x.pipe.wake:
		case <-fed:
		}
		return true
	}
	select {
	case <-x.pipe.wake:
		return true
	case <-c.Context().Done():
		return x.h.cfg.IgnoreClientAbort && c.Draining() != nil && waitFor(x.pipe.wake)
	}
}

func waitFor(ch chan struct{}) bool { <-ch; return true }
