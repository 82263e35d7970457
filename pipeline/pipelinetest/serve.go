package pipelinetest

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Serve takes one request through a compiled application, for callers without a test. The error is one of the request: the
// parser refuses it, or its body cannot be read.
func Serve(app *pipeline.Chain, method, target string, opts ...Option) (*Response, error) {
	return newRequest(method, target, opts).serve(app)
}

func (r *request) serve(app *pipeline.Chain) (*Response, error) {
	w := newWire(r)
	c, err := r.ctx(w)
	if err != nil {
		return nil, err
	}
	defer c.Reset()
	switch ok, err := r.run(c, app); {
	case err != nil:
		return nil, err
	case !ok:
		return &Response{Method: r.method, Target: r.target, Aborted: true, Header: http.Header{}, Route: c.Route()}, nil
	}
	return collect(c, w), nil
}

// run takes c through the application: as on a reactor first, then as on a worker when it asks for one. False: the
// application has closed the connection.
func (r *request) run(c *pipeline.Ctx, app *pipeline.Chain) (bool, error) {
	for {
		switch app.Run(c) {
		case pipeline.Done:
			c.SetWorker(true) // streams always run on one
			return true, nil
		case pipeline.NeedWorker:
			c.SetWorker(true)
		case pipeline.NeedBody:
			if r.body == nil {
				return false, errors.New("pipelinetest: the request announces a body and has none")
			}
			b, err := io.ReadAll(r.body)
			if err != nil {
				return false, fmt.Errorf("pipelinetest: request body: %w", err)
			}
			c.SetBody(b)
		case pipeline.Aborted:
			return false, nil
		}
	}
}
