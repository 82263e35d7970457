package pipeline

import (
	"context"
	"io"
	"net/netip"
)

// subTransport carries a subrequest: what is the connection's comes from the main request, the body goes to a writer.
type subTransport struct {
	Transport
	parent *Ctx // nil in the background
	to     io.Writer
	depth  int
}

// ReadBody has nothing more: the content of a subrequest is in memory.
func (t *subTransport) ReadBody(*Ctx, []byte) (int, error) { return 0, io.EOF }

// WriteBody hands a piece of a streamed body on.
func (t *subTransport) WriteBody(_ *Ctx, p []byte) error {
	if t.to == nil {
		return nil
	}
	_, err := t.to.Write(p)
	return err
}

// FlushBody has nothing gathered.
func (t *subTransport) FlushBody(*Ctx) error { return nil }

// Interim sends nothing: an informational response belongs to the main request.
func (t *subTransport) Interim(*Ctx, int) error { return nil }

// OnGone has nothing to note: the context of a subrequest is within that of its main request, which ends when the client leaves.
func (t *subTransport) OnGone(*Ctx, func()) {}

// Plain is false: the head of a subrequest is not sent.
func (t *subTransport) Plain() bool { return false }

// AppendHead appends nothing, for the same reason.
func (t *subTransport) AppendHead(b []byte, _ *Ctx) []byte { return b }

// BaseContext ends with the main request.
func (t *subTransport) BaseContext() context.Context {
	if t.parent != nil {
		return t.parent.Context()
	}
	return t.Transport.(*detached).base
}

// Draining is the server's.
func (t *subTransport) Draining() <-chan struct{} {
	if t.parent != nil {
		return t.parent.Draining()
	}
	return t.Transport.(*detached).draining
}

// detach makes t independent of the main request c.
func (t *subTransport) detach(c *Ctx) {
	d := &detached{remote: c.Client(), local: c.Local(), secure: c.Secure(), shard: t.Shard(), ticks: t.Ticks(),
		base: context.Background(), draining: c.Draining()}
	if l, ok := c.transport.(Lifecycle); ok {
		d.base = l.BaseContext()
	}
	unix, date := t.Date()
	d.unix, d.date = unix, *date
	t.Transport, t.parent = d, nil
}

// detached is what a background subrequest remembers of the connection it came by.
type detached struct {
	Transport     // nil: subTransport has all other methods
	remote, local netip.AddrPort
	secure        bool
	shard         int
	ticks         uint32
	unix          int64
	date          [29]byte
	base          context.Context
	draining      <-chan struct{}
}

// Remote and the methods behind it tell what was so when the main request was there.
func (d *detached) Remote() netip.AddrPort { return d.remote }

// Local returns the address the client connected to.
func (d *detached) Local() netip.AddrPort { return d.local }

// Secure tells whether the connection was encrypted.
func (d *detached) Secure() bool { return d.secure }

// Shard is the number of the reactor the main request came by.
func (d *detached) Shard() int { return d.shard }

// Ticks is the coarse time when the subrequest began.
func (d *detached) Ticks() uint32 { return d.ticks }

// Date is the second in which the subrequest began.
func (d *detached) Date() (int64, *[29]byte) { return d.unix, &d.date }
