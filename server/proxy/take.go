package proxy

import (
	"errors"
	"io"
	"net/netip"
	"strconv"
	"sync"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// takeBody reads the body of the request on a worker: into memory, beyond BodyBuffer into a file; or not at all, when it is
// sent as it comes.
func (x *call) takeBody(c *pipeline.Ctx) error {
	cfg := &x.h.cfg
	switch {
	case cfg.DropBody || cfg.Body != nil || c.Head.Length == 0:
		return nil
	case inMemory(c):
		x.keepBody(c)
		return nil
	case cfg.StreamRequest && !cfg.HTTP10 && (cfg.Protocol == HTTP || c.Head.Length > 0 || cfg.Protocol == FastCGI):
		x.body.stream = &feed{room: make(chan struct{}, 1)}
		return nil
	}
	return x.gather(c)
}

// inMemory tells whether the whole body, if there is one, is here.
func inMemory(c *pipeline.Ctx) bool {
	_, ok := c.BodyInMemory()
	return ok || c.Head.Length == 0
}

// gather reads the whole body.
func (x *call) gather(c *pipeline.Ctx) error {
	r, limit := c.BodyReader(), x.h.cfg.BodyBuffer
	if n := c.Head.Length; n > 0 && n < int64(limit) {
		limit = int(n)
	}
	mem := make([]byte, limit+1)
	n, err := io.ReadFull(r, mem)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		x.body.bytes = mem[:n]
		return nil
	case err != nil:
		return err
	}
	f, err := tempFile(x.h.cfg.BodyDir)
	if err != nil {
		x.note("crit", "open temporary file failed: "+errnoText(err))
		x.tell(c)
		return err
	}
	x.body.file = f
	w := &fileWriter{fd: f.Fd()}
	if _, err = w.Write(mem[:n]); err == nil {
		_, err = io.CopyBuffer(w, onlyReader{r}, make([]byte, 64<<10))
	}
	x.body.size = w.at
	return err
}

// onlyReader hides what io.Copy would rather use.
type onlyReader struct{ io.Reader }

// fileWriter writes to a descriptor.
type fileWriter struct {
	fd int
	at int64
}

// Write appends p.
func (w *fileWriter) Write(p []byte) (int, error) {
	n, err := pwriteAll(w.fd, p, w.at)
	w.at += int64(n)
	return n, err
}

func pwriteAll(fd int, p []byte, at int64) (int, error) {
	done := 0
	for done < len(p) {
		n, err := pwrite(fd, p[done:], at+int64(done))
		if err != nil {
			return done, err
		}
		if n == 0 {
			return done, io.ErrShortWrite
		}
		done += n
	}
	return done, nil
}

// own is a loop for requests that did not come by one: of tests, and of net/http.
var own struct {
	once sync.Once
	r    *loop.Reactor
}

func ownReactor() *loop.Reactor {
	own.once.Do(func() {
		l, err := loop.New(loop.Config{Reactors: 1})
		if err == nil {
			err = l.Start()
		}
		if err != nil {
			panic("proxy: " + err.Error())
		}
		own.r = l.Reactors()[0]
	})
	return own.r
}

// proxyLine is the header of the PROXY protocol, version 1.
func (x *call) proxyLine() []byte {
	from, to := x.c.Client(), x.c.Local()
	if !from.IsValid() || !to.IsValid() {
		return []byte("PROXY UNKNOWN\r\n")
	}
	family := "TCP4"
	if from.Addr().Is6() && !from.Addr().Is4In6() {
		family = "TCP6"
	}
	addr := func(a netip.AddrPort) string { return a.Addr().Unmap().String() }
	return []byte("PROXY " + family + " " + addr(from) + " " + addr(to) + " " +
		strconv.Itoa(int(from.Port())) + " " + strconv.Itoa(int(to.Port())) + "\r\n")
}

// passHints passes the fields of a 103 on, at once.
func (x *call) passHints(head []byte) {
	w, ok := x.carrier.(interface{ Conn() *loop.Conn })
	if !ok || x.c.Head.Minor == 0 {
		return
	}
	b := http1.AppendStatusLine(nil, 103)
	for i := range x.res.Fields {
		f := &x.res.Fields[i]
		if name := f.Name.Of(head); !x.h.hide.has(f.ID, name) {
			b = http1.AppendField(b, view(name), view(f.Value.Of(head)))
		}
	}
	w.Conn().Write(append(b, "\r\n"...))
}
