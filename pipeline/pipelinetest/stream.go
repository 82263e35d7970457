package pipelinetest

import (
	"bufio"
	"errors"
	"io"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Streaming is a response whose body is still being sent.
type Streaming struct {
	// Response has status and fields; its Body is empty.
	*Response
	// Lines reads the body as it comes, for events and lines.
	Lines *bufio.Reader

	w    *wire
	body *io.PipeReader
	done chan error
}

// Stream takes a request through the application on a goroutine of its own and returns when its head is sent, for bodies that
// do not end by themselves. The caller closes it, which the application sees as a client that leaves.
func (cl *Client) Stream(method, target string, opts ...Option) *Streaming {
	cl.tb.Helper()
	r := cl.request(method, target, opts)
	in, out := io.Pipe()
	w := newWire(r)
	w.out = out
	s := &Streaming{w: w, body: in, Lines: bufio.NewReader(in), done: make(chan error, 1)}
	head := make(chan *Response, 1)
	take := func(c *pipeline.Ctx) {
		res := c.Res()
		head <- &Response{tb: cl.tb, Method: r.method, Target: r.target, Status: res.Status, Header: headerOf(res),
			Err: c.Err(), Route: c.Route(), Interim: w.interim}
	}
	w.started = take
	cl.addCookies(r)
	c, err := r.ctx(w)
	if err != nil {
		cl.tb.Fatal(err)
	}
	go func() {
		defer c.Reset()
		err := cl.stream(c, r, w, out)
		_ = out.CloseWithError(err)
		s.done <- err
		close(head)
	}()
	if s.Response = <-head; s.Response == nil {
		cl.tb.Fatalf("pipelinetest: %s %s: no response: %v", method, target, <-s.done)
	}
	return s
}

// stream runs the application and sends the body, streamed or not, to out.
func (cl *Client) stream(c *pipeline.Ctx, r *request, w *wire, out io.Writer) error {
	if ok, err := r.run(c, cl.chain); !ok {
		return errors.Join(pipeline.ErrClientGone, err)
	}
	if c.Res().Stream() != nil {
		return w.sendStream(c)
	}
	if w.begin(c); !hasBody(c) {
		return nil
	}
	b, err := bodyOf(c.Res())
	if err == nil {
		_, err = out.Write(b)
	}
	return err
}

// Read reads the body as it comes.
func (s *Streaming) Read(p []byte) (int, error) { return s.Lines.Read(p) }

// Close lets the client leave and waits until the application has noticed; it returns what ended the body, nil when it came
// to its end.
func (s *Streaming) Close() error {
	s.w.leave()
	_ = s.body.Close()
	return <-s.done
}
