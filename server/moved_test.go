package server

import (
	"io"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// hookOnWorker is a Response hook that needs a worker.
type hookOnWorker func(*pipeline.Ctx) error

func (f hookOnWorker) ProcessResponse(c *pipeline.Ctx) error { return f(c) }
func (hookOnWorker) NeedsWorker() bool                       { return true }

// An inline handler answers with views of its request, and a Response hook takes the request to a worker: what the reactor
// reads into its buffer meanwhile, for other connections, must not be in the response.
func TestViewsOfTheRequestMoveWithIt(t *testing.T) {
	app := pipeline.New()
	inHook, goOn := make(chan bool, 1), make(chan bool)
	app.Use(hookOnWorker(func(c *pipeline.Ctx) error {
		if c.Header("X-Wait") != "" {
			inHook <- true
			<-goOn
		}
		return nil
	}))
	app.Handle("/echo/{x}", func(c *pipeline.Ctx) error {
		b, err := c.Body()
		if err != nil {
			return err
		}
		_ = c.SetHeader("X-Path", c.PathView())
		return c.Bytes(200, "text/plain", b)
	}, pipeline.Inline)
	_, addr := start(t, app)
	const asked = "POST /echo/mine HTTP/1.1\r\nHost: a\r\nX-Wait: 1\r\nConnection: close\r\nContent-Length: 4\r\n\r\nmine"
	c := dial(t, addr)
	_, _ = io.WriteString(c, asked)
	<-inHook
	other := strings.NewReplacer("mine", "your", "Wait", "None").Replace(asked)
	if out := exchangeRaw(t, addr, other); !strings.HasSuffix(out, "X-Path: /echo/your\r\n\r\nyour") {
		t.Errorf("the other one: %q", out)
	}
	goOn <- true
	if b, _ := io.ReadAll(c); !strings.HasSuffix(string(b), "X-Path: /echo/mine\r\n\r\nmine") {
		t.Errorf("got %q", b)
	}
}
