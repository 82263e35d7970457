package server

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// breaking is a Runner that panics on the worker which has a request for /broken, where nobody else catches it.
type breaking struct{ Runner }

func (b breaking) Run(c *pipeline.Ctx) pipeline.Outcome {
	outcome := b.Runner.Run(c)
	if c.Path() == "/broken" && outcome == pipeline.Done {
		panic("on purpose")
	}
	return outcome
}

// A request that breaks on a worker, or whose write deadline has passed, leaves the answers to earlier requests alone: they arrive
// whole, and then comes a reset.
func TestBrokenBehindEarlierAnswers(t *testing.T) {
	much := bytes.Repeat([]byte("x"), 150<<10)
	app := testApp()
	app.Get("/much", func(c *pipeline.Ctx) error { return c.Static(200, "text/plain", much) }, pipeline.Inline)
	app.Get("/broken", func(c *pipeline.Ctx) error { return c.Text(200, "never seen") })
	app.Get("/late", func(c *pipeline.Ctx) error {
		_ = c.SetWriteDeadline(time.Now().Add(-time.Second))
		return c.Text(200, "never seen")
	})
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, logged := range []bool{false, true} {
		_, addr := start(t, nil, func(c *Config) {
			c.Runner = breaking{chain}
			if logged {
				c.AccessLog = func(*Entry) {}
			}
		})
		for _, bad := range []string{"/broken", "/late"} {
			for _, test := range []struct {
				path  string
				n     int
				sleep time.Duration // so that the answers fill the queue
			}{{"/inline", 1, 0}, {"/inline", 20, 0}, {"/worker", 3, 0}, {"/much", 1, 0}, {"/much", 80, 100 * time.Millisecond}} {
				conn := dial(t, addr)
				go func() { _, _ = io.WriteString(conn, strings.Repeat(get(test.path), test.n)+get(bad)+get("/inline")) }()
				time.Sleep(test.sleep)
				in := bufio.NewReader(conn)
				for i := range test.n {
					res, err := http.ReadResponse(in, nil)
					if err != nil {
						t.Fatalf("%s, logged %v: answer %d of %d from %s: %v", bad, logged, i+1, test.n, test.path, err)
					}
					if _, err := io.Copy(io.Discard, res.Body); err != nil {
						t.Fatalf("%s, logged %v: answer %d of %d from %s: %v", bad, logged, i+1, test.n, test.path, err)
					}
				}
				if rest, err := io.ReadAll(in); len(rest) > 0 || !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("%s, logged %v: behind %d answers from %s: %q, %v", bad, logged, test.n, test.path, rest, err)
				}
			}
		}
	}
}
