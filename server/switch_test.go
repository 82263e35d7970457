package server

import (
	"bytes"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
)

// deaf is a protocol that drops what it hears.
type deaf struct {
	opened chan<- struct{}
	onEnd  func(sent int64)
}

func (d *deaf) Switched(_ *loop.Conn, onEnd func(int64)) loop.Protocol {
	d.onEnd = onEnd
	close(d.opened)
	return d
}
func (d *deaf) Data(_ *loop.Conn, in []byte) int { return len(in) }
func (d *deaf) EOF(c *loop.Conn)                 { c.Abort(nil) }
func (d *deaf) Drained(*loop.Conn)               {}
func (d *deaf) Timeout(*loop.Conn, uint8)        {}
func (d *deaf) Idle(*loop.Conn) bool             { return false }
func (d *deaf) Reclaimed(*loop.Conn)             {}
func (d *deaf) Closed(*loop.Conn, error)         { d.onEnd(0) }

// patient waits for nothing.
type patient struct{}

func (patient) Gone(bool) bool { return true }
func (patient) Remind()        {}
func (patient) Drained()       {}

// buffers has a socket keep as little as can be.
func buffers(option int) func(_, _ string, raw syscall.RawConn) error {
	return func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, option, 4096) })
	}
}

// tight is a listening socket whose connections take little at once.
func tight(t *testing.T) *os.File {
	l, err := (&net.ListenConfig{Control: buffers(syscall.SO_SNDBUF)}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// A request whose response is still on its way when the connection goes over to another protocol comes to its end as well.
func TestUnsentResponseBehindSwitch(t *testing.T) {
	var log ended
	left := make(chan struct{})
	opened := make(chan struct{})
	app := pipeline.New()
	app.Get("/almost", func(c *pipeline.Ctx) error {
		c.OnLeave(func() { close(left) })
		return c.Static(200, "text/plain", bytes.Repeat([]byte("x"), loop.HighWater-300))
	}, pipeline.Inline)
	asked := false
	app.Get("/switch", func(c *pipeline.Ctx) error {
		if asked {
			return c.NoContent(101)
		}
		asked = true
		x := c.Transport().(Suspender)
		c.Transport().(Switcher).Switch(&deaf{opened: opened})
		x.Suspend(patient{})
		x.Reactor().Post(x.Resume)
		return pipeline.ErrSuspend
	}, pipeline.Inline)
	_, addr := start(t, app, func(c *Config) { c.AccessLog, c.Listen, c.Inherited = log.log, nil, []*os.File{tight(t)} })
	conn, err := (&net.Dialer{Control: buffers(syscall.SO_RCVBUF)}).Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, get("/almost")+get("/switch"))
	<-opened
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
	if got := strings.Join(log.await(t, 2), "|"); got != "/almost 200 false|/switch 101 true" && got != "/almost 200 false|/switch 101 false" {
		t.Errorf("%q", got)
	}
	<-left
}
