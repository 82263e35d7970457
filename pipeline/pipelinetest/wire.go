package pipelinetest

import (
	"errors"
	"io"
	"math"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// wire is a connection in memory (pipeline.Transport).
type wire struct {
	r       *request
	out     io.Writer
	started func(*pipeline.Ctx) // called once, when the head is final
	interim []Interim
	length  int64 // that a streamed body may have, and has so far
	sent    int64

	mu   sync.Mutex // guards what follows
	gone bool
	when []func()
}

// Interim is an informational response.
type Interim struct {
	Status int
	Header http.Header
}

func newWire(r *request) *wire { return &wire{r: r, started: r.onHead, length: math.MaxInt64} }

// ReadBody reads request content.
func (w *wire) ReadBody(_ *pipeline.Ctx, p []byte) (int, error) {
	if w.r.body == nil {
		return 0, io.EOF
	}
	return w.r.body.Read(p)
}

// errLength is what the server cuts a connection for.
var errLength = errors.New("pipelinetest: the function of the stream wrote more or less than the length it announced")

// sendStream runs the function of a streamed body, unless the response has none on the wire.
func (w *wire) sendStream(c *pipeline.Ctx) error {
	w.begin(c)
	if !hasBody(c) {
		return nil
	}
	if w.sent, w.length = 0, c.Res().StreamLength(); w.length < 0 {
		w.length = math.MaxInt64
	}
	if err := c.SendStream(); err != nil {
		return err
	}
	if w.length != math.MaxInt64 && w.sent != w.length {
		return errLength
	}
	return w.FlushBody(c)
}

// WriteBody takes a piece of a streamed body.
func (w *wire) WriteBody(c *pipeline.Ctx, p []byte) error {
	w.begin(c)
	if w.left() {
		return pipeline.ErrClientGone
	}
	if w.sent+int64(len(p)) > w.length {
		return errLength
	}
	w.sent += int64(len(p))
	if w.out == nil {
		return nil
	}
	if _, err := w.out.Write(p); err != nil {
		return pipeline.ErrClientGone
	}
	return nil
}

// FlushBody has nothing to send: nothing is gathered.
func (w *wire) FlushBody(c *pipeline.Ctx) error { return w.WriteBody(c, nil) }

func (w *wire) begin(c *pipeline.Ctx) {
	if w.started != nil {
		w.started(c)
		w.started = nil
	}
}

// Interim notes an informational response.
func (w *wire) Interim(c *pipeline.Ctx, status int) error {
	w.interim = append(w.interim, Interim{status, fieldsOf(c.Res())})
	return nil
}

// OnGone keeps f for the moment the client leaves.
func (w *wire) OnGone(_ *pipeline.Ctx, f func()) {
	w.mu.Lock()
	gone := w.gone
	w.when = append(w.when, f)
	w.mu.Unlock()
	if gone {
		f()
	}
}

// leave is the client closing its end.
func (w *wire) leave() {
	w.mu.Lock()
	was, when := w.gone, w.when
	w.gone = true
	w.mu.Unlock()
	if was {
		return
	}
	for _, f := range when {
		f()
	}
}

func (w *wire) left() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gone
}

// Remote and the methods behind it tell what the options said.
func (w *wire) Remote() netip.AddrPort { return w.r.remote }

// Local returns the address of the server.
func (w *wire) Local() netip.AddrPort { return w.r.local }

// Secure tells whether the request came encrypted.
func (w *wire) Secure() bool { return w.r.secure }

// Shard is 0: there is one reactor.
func (w *wire) Shard() int { return 0 }

// Ticks is the time in ticks of the loop.
func (w *wire) Ticks() uint32 { return uint32(time.Now().UnixMilli() / 100) }

// Date is the current second.
func (w *wire) Date() (int64, *[29]byte) {
	now := time.Now().Unix()
	var imf [29]byte
	copy(imf[:], http1.AppendDate(nil, now))
	return now, &imf
}

// Plain is false: a test wants to see the fields.
func (w *wire) Plain() bool { return false }

// AppendHead is never asked for, because nothing is plain.
func (w *wire) AppendHead(b []byte, _ *pipeline.Ctx) []byte { return b }
