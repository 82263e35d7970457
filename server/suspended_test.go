package server

import (
	"bufio"
	"io"
	"net/http"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// A handler of a mounted application may wait on its reactor as any other: what lies around it waits as well, and it is called again
// there, with its path and what its hooks have done.
func TestSuspendedWithinMounts(t *testing.T) {
	inner := pipeline.New()
	inner.Use(stamp{})
	inner.Get("/wait/{name}", func(c *pipeline.Ctx) error {
		if c.OnWorker() {
			t.Error("resumed on a worker")
		}
		if c.Get("asked") == nil {
			c.Set("asked", true)
			x := c.Transport().(Suspender)
			x.Suspend(patient{})
			x.Reactor().Post(x.Resume)
			return pipeline.ErrSuspend
		}
		return c.Text(200, c.Param("name")+" at "+c.Path())
	}, pipeline.Inline)
	outer := pipeline.New()
	outer.MountApp("/in/", inner)
	app := pipeline.New()
	app.MountApp("/with/", outer)
	srv, addr := start(t, app)
	conn := dial(t, addr)
	_, _ = io.WriteString(conn, get("/with/in/wait/me"))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if string(b) != "me at /wait/me" || len(res.Header["X-Stamp"]) != 1 || len(res.Header["X-Stamped"]) != 1 {
		t.Errorf("%v %q %v", res.Header, b, err)
	}
	if n := srv.loop.Reactors()[0].Stats().Panics.Load(); n != 0 {
		t.Errorf("%d panics", n)
	}
}

// stamp adds a field before the handler and one behind it.
type stamp struct{}

func (stamp) ProcessRequest(c *pipeline.Ctx) error  { return c.AddHeader("X-Stamp", "in") }
func (stamp) ProcessResponse(c *pipeline.Ctx) error { return c.AddHeader("X-Stamped", "out") }
