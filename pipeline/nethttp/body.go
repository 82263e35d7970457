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

	begun  atomic.Bool
	read   atomic.Int64 // bytes
	mu     sync.Mutex   // one reader at a time, and none behind the end
	closed bool
	over   bool // the response has begun, or the handler returned
}

// bodyOf reads the body of a Ctx.
type bodyOf struct{ c *pipeline.Ctx }

func (b bodyOf) Read(p []byte) (int, error) { return b.c.BodyReader().Read(p) }

// Read reads request content. A body over the limit is an *http.MaxBytesError, one that the client cut off
// io.ErrUnexpectedEOF. After Close, and once the response has begun without EnableFullDuplex, it is
// http.ErrBodyReadAfterClose.
func (b *body) Read(p []byte) (int, error) {
	if !b.x.around && b.x.c.Head.Expect100 && !b.begun.Load() { // the first read may send 100, which is writing
		b.x.mu.Lock()
		defer b.x.mu.Unlock()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.over {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.from.Read(p)
	b.begun.Store(true)
	b.read.Add(int64(n))
	return n, b.translate(err)
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
