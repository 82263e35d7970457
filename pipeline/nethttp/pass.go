package nethttp

import (
	"io"
	"net/http"
	"strconv"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// What both directions need to write a response of Wheelpit to an http.ResponseWriter.

// setHeader copies the fields of a response, their values as well. No Content-Type means none: nothing is guessed.
func setHeader(header http.Header, res *pipeline.Response) {
	header["Content-Type"] = nil
	if res.ContentType != "" {
		header["Content-Type"] = []string{keepable(res.ContentType)}
	}
	for _, f := range res.Fields() {
		if name := http.CanonicalHeaderKey(f.Name); !listed[name] {
			header.Del(name)
		}
	}
	for _, f := range res.Fields() {
		header.Add(f.Name, keepable(f.Value))
	}
	if res.CloseAfter() {
		header.Set("Connection", "close")
	}
}

// listed are the fields that those of a response are added to, where all others replace what is there.
var listed = map[string]bool{"Set-Cookie": true, "Vary": true, "Link": true}

func setLength(header http.Header, n int64) { header.Set("Content-Length", strconv.FormatInt(n, 10)) }

// bodied tells whether a response of that status to the request of c has a body.
func bodied(c *pipeline.Ctx, status int) bool {
	return c.Head.Method != http1.MethodHead && http1.BodyAllowed(status)
}

// writeParts writes a body that is not streamed.
func writeParts(w io.Writer, res *pipeline.Response) error {
	for i := range res.Parts() {
		p := &res.Parts()[i]
		if p.File == nil {
			if _, err := w.Write(p.Bytes); err != nil {
				return err
			}
			continue
		}
		n, err := io.Copy(w, io.NewSectionReader(p.File, p.Off, p.N))
		if err == nil && n < p.N {
			err = io.ErrUnexpectedEOF // the file was truncated meanwhile
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writerTo is an http.ResponseWriter as the target of a stream.
type writerTo struct{ w http.ResponseWriter }

// WriteBody writes a piece of a streamed body.
func (t writerTo) WriteBody(_ *pipeline.Ctx, p []byte) error {
	if _, err := t.w.Write(p); err != nil {
		return pipeline.ErrClientGone
	}
	return nil
}

// FlushBody sends what was gathered. A writer that cannot flush gathers on.
func (t writerTo) FlushBody(*pipeline.Ctx) error {
	_ = http.NewResponseController(t.w).Flush()
	return nil
}
