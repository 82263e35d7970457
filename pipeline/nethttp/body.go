package nethttp

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/wheelpit/wheelpit/pipeline"
)

// body is the Body of the request: bounded by the limit of the Ctx, read from the client as the handler reads.
type body struct {
	x    *exchange
	from io.Reader
	own  bool // from is the Ctx's, and as long as its head says
	wait bool // the client waits for 100

	begun  atomic.Bool
	read   atomic.Int64 // bytes
	mu     sync.Mutex   // one reader at a time, and none behind the end
	closed bool
	ended  bool // its end was read
	over   bool // the response has begun, or the handler returned
}

// bodyOf reads the body of a Ctx.
type bodyOf struct{ c *pipeline.Ctx }

func (b bodyOf) Read(p []byte) (int, error) { return b.c.BodyReader().Read(p) }

// Read reads request content. A body over the limit is an *http.MaxBytesError, one that the client cut off
// io.ErrUnexpectedEOF. After Close, and once the response has begun without EnableFullDuplex, it is
// http.ErrBodyReadAfterClose.
func (b *body) Read(p []byte) (int, error) {
	if !b.x.around && b.wait && !b.begun.Load() { // the first read may send 100, which is writing
		b.x.mu.Lock()
		defer b.x.mu.Unlock()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case b.ended:
		return 0, io.EOF
	case b.over:
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.from.Read(p)
	b.begun.Store(true)
	if total := b.read.Add(int64(n)); err == nil && n > 0 && b.own && total == b.x.c.Head.Length {
		err = io.EOF // with the last bytes: who copies the body need not ask again, when it may be too late
	}
	b.ended = err == io.EOF
	return n, b.translate(err)
}

// settle ends the reading because the response begins. Of a chunked body that was read to its end only the end may be
// missing still; a reader that comes for it later shall get it.
func (b *body) settle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.own && !b.over && !b.closed && !b.ended && b.x.c.Head.Length < 0 && b.begun.Load() {
		n, err := b.from.Read(make([]byte, 512))
		b.ended = n == 0 && err == io.EOF
	}
	b.over = true
}

// translate makes net/http's errors of the pipeline's.
func (b *body) translate(err error) error {
	switch {
	case err == nil, err == io.EOF, errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case errors.Is(err, pipeline.ErrBodyTooLarge):
		return &http.MaxBytesError{Limit: b.x.c.BodyLimit()}
	case errors.Is(err, pipeline.ErrClientGone):
		return io.ErrUnexpectedEOF
	}
	return err
}

// Close ends the reading; what is left is the server's to drop.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}

// end ends the reading for good. A Read that waits for the client is waited for: it uses the Ctx.
func (b *body) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
}
