package proxy

import (
	"errors"
	"io"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pool"
)

// InFile says which bodies of requests are written to a file (NGINX client_body_in_file_only).
type InFile uint8

// The values.
const (
	IfLarge      InFile = iota // those that are longer than BodyBuffer, until the request ends, unless they came at once
	IfLarger                   // and those as well
	Always                     // all, and the files stay
	AlwaysAndEnd               // all, until the request ends (clean)
)

// gather reads the whole body: into memory, beyond BodyBuffer or when the location says so into a file.
func (x *call) gather(c *pipeline.Ctx) error {
	r, limit := c.BodyReader(), x.h.cfg.BodyBuffer
	if n := c.Head.Length; n > 0 && n < int64(limit) {
		limit = int(n)
	}
	mem := make([]byte, limit+1)
	n, err := io.ReadFull(r, mem)
	all := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case err != nil && !all:
		return err
	case all && x.h.cfg.InFile <= IfLarger || n == 0:
		x.body.bytes = mem[:n]
		c.SetBody(x.body.bytes)
		return nil
	case all:
		r = nil
	}
	return x.gatherFile(c, mem[:n], r)
}

// gatherFile writes what was read, and what follows, to a file.
func (x *call) gatherFile(c *pipeline.Ctx, first []byte, rest io.Reader) error {
	f, err := createTemp(x.h.cfg.BodyDir, x.h.cfg.BodyLevels, "wheelpit-body-")
	if err != nil {
		x.note("crit", "open temporary file failed: "+errnoText(err))
		x.tell(c)
		return err
	}
	defer f.Close()
	x.body.name, x.body.stays = f.Name(), x.h.cfg.InFile == Always
	if _, err = f.Write(first); err != nil {
		return err
	}
	x.body.size = int64(len(first))
	if rest != nil {
		n, err := io.CopyBuffer(onlyWriter{f}, onlyReader{rest}, make([]byte, 64<<10))
		if x.body.size += n; err != nil {
			return err
		}
	}
	fd, err := loop.DupFile(f)
	if err == nil {
		x.body.file = pool.NewFile(fd)
	}
	return err
}

// onlyReader and onlyWriter hide what io.Copy would rather use.
type (
	onlyReader struct{ io.Reader }
	onlyWriter struct{ io.Writer }
)

// inherit takes the body that an earlier call of the request has read; false when there was none.
func (x *call) inherit() bool {
	o := x.older
	if o == nil || o.body.file == nil {
		return false
	}
	x.body.file, x.body.size = o.body.file.Acquire(), o.body.size
	return true
}

// BodyFile is the name of the file that the body of the request was written to, empty when it was not: $request_body_file.
func BodyFile(c *pipeline.Ctx) string {
	for x := callOf(c); x != nil; x = x.older {
		if x.body.name != "" {
			return x.body.name
		}
	}
	return ""
}

// fileFirst tells whether a body that is in memory is to be written to a file.
func (h *Handler) fileFirst(c *pipeline.Ctx) bool {
	if h.cfg.InFile == IfLarge || h.cfg.StreamRequest {
		return false
	}
	b, _ := c.BodyInMemory()
	return len(b) > 0 && (h.cfg.InFile >= Always || len(b) > h.cfg.BodyBuffer)
}

// BodyLength returns the length in bytes of a body that was written to a file; ok tells whether one was.
func BodyLength(c *pipeline.Ctx) (n int64, ok bool) {
	for x := callOf(c); x != nil; x = x.older {
		if x.body.file != nil {
			return x.body.size, true
		}
	}
	return 0, false
}
