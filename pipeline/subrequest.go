package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// MaxSubrequests bounds how deep subrequests may lie within each other (NGINX: NGX_HTTP_MAX_SUBREQUESTS, 50).
const MaxSubrequests = 50

// Subrequest is a request that a hook or handler makes to its own application while it answers another one: NGINX's
// subrequests. It has the fields of its main request and its client, whatever the connection.
type Subrequest struct {
	// Path is where it goes, decoded and normalised; it begins with "/".
	Path string
	// Query is what follows "?"; nil for none.
	Query []byte
	// Method is GET unless set; KeepMethod takes that of the main request.
	Method     http1.Method
	KeepMethod bool
	// Content is what the subrequest finds as its body, which is empty by default.
	Content []byte
	// To receives the body of the response. Without it the body is not made where it can be helped (streams), and dropped.
	To io.Writer
	// App is the application that answers, a *Chain or a server's own; the default is that of the hook (within a mounted
	// one, the mounted one).
	App Runner
	// Carry returns what carries the subrequest in place of t, for an App that wants more of a Transport than there is in
	// the interface. What it returns has a method Under() Transport that returns t. It is called while the main request is
	// still there, and takes from that what the subrequest may need later.
	Carry func(t Transport) Transport
}

// Runner takes a request through an application as far as it goes on this goroutine; see Chain.Run.
type Runner interface {
	Run(c *Ctx) Outcome
}

var errTooDeep = errors.New("pipeline: subrequests cycle")

// Subrequest runs s to its end on this goroutine, which must be a worker, and calls done, which may be nil, with its Ctx:
// status, fields and Values are those of the subrequest; they end with done. An error is one of s itself, of done, or of
// the body; a response with an error status is none.
func (c *Ctx) Subrequest(s Subrequest, done func(sub *Ctx) error) error {
	if !c.worker {
		return ErrNeedsWorker
	}
	sub, err := c.ready(&s)
	if err != nil {
		return err
	}
	defer sub.giveBack()
	return sub.runSub(&s, done)
}

// Prepare readies s on the goroutine that has c, a worker, and returns what runs it as Subrequest does: once, and perhaps on
// another goroutine, so that several go on at a time. c and its transport are shared then: whoever prepares waits for the end of
// run before c ends. A panic comes back as an error.
func (c *Ctx) Prepare(s Subrequest, done func(sub *Ctx) error) (run func() error, err error) {
	if !c.worker {
		return nil, ErrNeedsWorker
	}
	c.Context() // which is made once, and not by those that share it
	c.Main().values.share()
	sub, err := c.ready(&s)
	if err != nil {
		return nil, err
	}
	return func() (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = panicError(v)
			}
			sub.giveBack()
		}()
		return sub.runSub(&s, done)
	}, nil
}

// Depth tells how deep c lies within other requests: 0 when it is no subrequest.
func (c *Ctx) Depth() int {
	if t := c.subTransport(); t != nil {
		return t.depth
	}
	return 0
}

// ready makes the Ctx of s with what carries it.
func (c *Ctx) ready(s *Subrequest) (*Ctx, error) {
	sub, t, err := c.subrequest(s)
	if err != nil {
		return nil, err
	}
	sub.carry(s, t)
	return sub, nil
}

func (c *Ctx) giveBack() {
	c.Reset()
	subCtxs.Put(c)
}

// Background is Subrequest on a goroutine of its own, for whose response nobody waits (NGINX: mirror). It takes copies of
// all it needs, so c may be over before. done, which may be nil, is called at its end with the error, on that goroutine.
func (c *Ctx) Background(s Subrequest, done func(error)) error {
	sub, t, err := c.subrequest(&s)
	if err != nil {
		return err
	}
	t.detach(c)
	sub.carry(&s, t)
	sub.head, sub.path = bytes.Clone(sub.head), strings.Clone(sub.path)
	s.Content = bytes.Clone(s.Content)
	sub.SetBody(s.Content)
	go func() {
		err := sub.runSub(&s, nil)
		sub.giveBack()
		if done != nil {
			done(err)
		}
	}()
	return nil
}

var subCtxs = sync.Pool{New: func() any { return new(Ctx) }}

// subrequest makes the Ctx of s.
func (c *Ctx) subrequest(s *Subrequest) (*Ctx, *subTransport, error) {
	if s.App == nil && c.chain != nil {
		s.App = c.chain
	}
	depth := 1
	if t := c.subTransport(); t != nil {
		depth = t.depth + 1
	}
	switch {
	case s.App == nil:
		return nil, nil, errors.New("pipeline: subrequest outside an application")
	case !strings.HasPrefix(s.Path, "/"):
		return nil, nil, fmt.Errorf("pipeline: subrequest to %q, which is no path", s.Path)
	case depth > MaxSubrequests:
		return nil, nil, errTooDeep
	}
	sub := subCtxs.Get().(*Ctx)
	fields := sub.Head.Fields[:0]
	sub.Head = c.Head
	sub.Head.Fields = append(fields, c.Head.Fields...)
	sub.head, sub.path = c.head, s.Path
	sub.setSubQuery(s)
	if !s.KeepMethod {
		sub.Head.Method, sub.Head.MethodSpan = s.Method, http1.Span{}
		if s.Method == http1.MethodOther {
			sub.Head.Method = http1.MethodGet
		}
	}
	sub.Head.Length = int64(len(s.Content))
	sub.SetBody(s.Content)
	sub.worker = true
	return sub, &subTransport{Transport: c.transport, parent: c, to: s.To, depth: depth}, nil
}

// carry gives the subrequest its transport.
func (c *Ctx) carry(s *Subrequest, t *subTransport) {
	if c.transport, c.nested = t, true; s.Carry != nil {
		c.transport = s.Carry(t)
	}
}

// setSubQuery gives the subrequest its query: spans are of the head, so another one is put behind a copy of it.
func (c *Ctx) setSubQuery(s *Subrequest) {
	c.Head.Query, c.Head.HasQuery = http1.Span{}, len(s.Query) > 0
	if len(s.Query) == 0 {
		return
	}
	at := len(c.head)
	c.head = append(bytes.Clone(c.head), s.Query...)
	c.Head.Query = http1.Span{Start: uint32(at), End: uint32(len(c.head))}
}

// runSub takes the subrequest through its application and its body to the writer.
func (c *Ctx) runSub(s *Subrequest, done func(*Ctx) error) error {
	switch s.App.Run(c) {
	case Done:
	case Aborted:
		return errors.New("pipeline: subrequest aborted")
	default:
		return errors.New("pipeline: subrequest did not come to an end on a worker")
	}
	if s.To != nil && c.Head.Method != http1.MethodHead {
		if err := c.copyBody(s.To); err != nil {
			return fmt.Errorf("pipeline: body of subrequest: %w", err)
		}
	}
	if done == nil {
		return nil
	}
	return done(c)
}

// copyBody writes the body of the response to w.
func (c *Ctx) copyBody(w io.Writer) error {
	if c.res.stream != nil {
		if err := c.SendStream(); err != nil {
			return err
		}
		return c.transport.FlushBody(c)
	}
	for i := range c.res.parts {
		p := &c.res.parts[i]
		var r io.Reader = bytes.NewReader(p.Bytes)
		if p.File != nil {
			r = io.NewSectionReader(fdReader(p.File.Fd()), p.Off, p.N)
		}
		if _, err := io.Copy(w, r); err != nil {
			return err
		}
	}
	return nil
}

// fdReader reads a descriptor at offsets.
type fdReader int

// ReadAt is pread(2).
func (fd fdReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := syscall.Pread(int(fd), p, off)
	if n == 0 && err == nil && len(p) > 0 {
		return 0, io.EOF
	}
	return max(n, 0), err
}

// Main returns the request that c is a subrequest of, c itself when it is none or runs in the background.
func (c *Ctx) Main() *Ctx {
	for c.nested {
		t := c.subTransport()
		if t == nil || t.parent == nil {
			break
		}
		c = t.parent
	}
	return c
}

// IsSubrequest tells whether c is one. Hooks that admit clients leave subrequests alone, as NGINX's access phase does.
func (c *Ctx) IsSubrequest() bool { return c.nested }

// subTransport returns the transport of a subrequest, nil when c is none.
func (c *Ctx) subTransport() *subTransport {
	t := c.transport
	for {
		if s, ok := t.(*subTransport); ok {
			return s
		}
		u, ok := t.(interface{ Under() Transport })
		if !ok {
			return nil
		}
		t = u.Under()
	}
}
