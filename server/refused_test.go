package server

import (
	"bufio"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// pages answers refusals with a page that is awaited, if there is still somebody to have it.
type pages struct {
	carrier Suspender
	gone    bool
	ready   bool
	over    chan bool // whether it had to be given up
}

func (p *pages) Gone(bool) bool { p.gone = true; return true }
func (p *pages) Remind()        {}
func (p *pages) Drained()       {}

func (p *pages) refuse(c *pipeline.Ctx, _ int) pipeline.Outcome {
	p.carrier = c.Transport().(Suspender)
	p.carrier.Suspend(p)
	p.carrier.Reactor().Post(func() {
		if !p.gone {
			p.ready = true
			p.carrier.Resume()
		}
		p.over <- p.gone
	})
	return pipeline.Suspended
}

func (p *pages) Run(c *pipeline.Ctx) pipeline.Outcome {
	if p.ready {
		_ = c.Text(413, "the page")
		return pipeline.Done
	}
	if _, ok := c.BodyInMemory(); !ok {
		return pipeline.NeedBody
	}
	_ = c.Text(200, "all of it")
	return pipeline.Done
}

// A page that is awaited is awaited when the body came along with the head. When it did not, there is nobody to wait for it, and who
// waits is told so: the request is over.
func TestRefusalThatWaits(t *testing.T) {
	for _, test := range []struct {
		name, head, body string
		apart, gone      bool
	}{
		{"long", "Content-Length: 100\r\n", "", false, false},
		{"chunked, with the head", "Transfer-Encoding: chunked\r\n", "40\r\n", false, false},
		{"broken chunks, with the head", "Transfer-Encoding: chunked\r\n", "x\r\n", false, false},
		{"chunked, behind the head", "Transfer-Encoding: chunked\r\n", "40\r\n", true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := &pages{over: make(chan bool, 1)}
			srv, addr := start(t, nil, func(c *Config) { c.Runner, c.Refuse, c.MaxBody = p, p.refuse, 10 })
			conn := dial(t, addr)
			first := "POST / HTTP/1.1\r\nHost: a\r\n" + test.head + "\r\n"
			rest := test.body
			if test.apart {
				_, _ = io.WriteString(conn, first)
				until(t, "the body is awaited", func() bool { return srv.Stats().Requests == 1 })
				first = ""
			}
			_, _ = io.WriteString(conn, first+rest)
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(res.Body)
			gone := false
			select {
			case gone = <-p.over:
			case <-time.After(time.Minute):
				t.Fatalf("%d %q, and the page never came", res.StatusCode, b)
			}
			if res.StatusCode != 413 && res.StatusCode != 400 || gone != test.gone || (string(b) == "the page") == test.gone {
				t.Errorf("%d %q, given up: %v", res.StatusCode, b, gone)
			}
			if n := srv.loop.Reactors()[0].Stats().Panics.Load(); n != 0 {
				t.Errorf("%d panics", n)
			}
		})
	}
}
