package pipeline_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// inner describes the subrequest it sees, and is what the table below asks for.
func inner(c *pipeline.Ctx) error {
	body, err := c.Body()
	if err != nil {
		return err
	}
	_ = c.SetHeader("X-Inner", "yes")
	return c.Text(200, fmt.Sprintf("%s %s ?%s a=%s cookie=%s body=%q sub=%v client=%s", c.Method(), c.Path(), c.QueryBytes(),
		c.Query("a"), c.Cookie("k"), body, c.IsSubrequest(), c.Client().Addr()))
}

func TestSubrequest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("from a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	var sub pipeline.Subrequest
	app := pipeline.New()
	app.Path("inner", inner)
	app.Get("/file", func(c *pipeline.Ctx) error { return c.SendFile("text/plain", file) })
	app.Get("/stream", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_, err := s.Write([]byte("streamed"))
			return err
		})
	})
	app.Get("/forbidden", func(*pipeline.Ctx) error { return pipeline.ErrPermissionDenied })
	app.Get("/panics", func(*pipeline.Ctx) error { panic("no") })
	app.Get("/aborts", func(*pipeline.Ctx) error { pipeline.Abort(); return nil })
	app.Get("/again", func(c *pipeline.Ctx) error {
		return c.Subrequest(pipeline.Subrequest{Path: "/again"}, nil)
	})
	app.Path("outer", func(c *pipeline.Ctx) error {
		c.SetClient(netip.MustParseAddrPort("192.0.2.9:0"))
		var body strings.Builder
		s := sub
		if s.Path != "/silent" {
			s.To = &body
		}
		status, field := 0, ""
		err := c.Subrequest(s, func(sub *pipeline.Ctx) error {
			status, field = sub.Res().Status, sub.ResponseHeader("X-Inner")
			return nil
		})
		if err != nil {
			return c.Text(200, "error: "+err.Error())
		}
		if c.IsSubrequest() || c.Main() != c {
			t.Error("the main request is none")
		}
		return c.Text(200, fmt.Sprintf("%d %s %s", status, field, body.String()))
	})
	client := pipelinetest.NewClient(t, app)
	client.AllowErrors = true
	for _, c := range []struct {
		sub  pipeline.Subrequest
		want string
	}{
		{pipeline.Subrequest{Path: "/inner"}, `200 yes GET /inner ? a= cookie=v body="" sub=true client=192.0.2.9`},
		{pipeline.Subrequest{Path: "/inner", Query: []byte("a=2")}, `200 yes GET /inner ?a=2 a=2 cookie=v body="" sub=true client=192.0.2.9`},
		{pipeline.Subrequest{Path: "/inner", Method: http1.MethodPut, Content: []byte("x")}, `200 yes PUT /inner ? a= cookie=v body="x" sub=true client=192.0.2.9`},
		{pipeline.Subrequest{Path: "/inner", KeepMethod: true}, `200 yes POST /inner ? a= cookie=v body="" sub=true client=192.0.2.9`},
		{pipeline.Subrequest{Path: "/file"}, "200  from a file"},
		{pipeline.Subrequest{Path: "/stream"}, "200  streamed"},
		{pipeline.Subrequest{Path: "/forbidden"}, "403  " + string(pipeline.ErrorPage(403))},
		{pipeline.Subrequest{Path: "/panics"}, "500  " + string(pipeline.ErrorPage(500))},
		{pipeline.Subrequest{Path: "/none"}, "404  " + string(pipeline.ErrorPage(404))},
		{pipeline.Subrequest{Path: "/aborts"}, "error: pipeline: subrequest aborted"},
		{pipeline.Subrequest{Path: "no path"}, `error: pipeline: subrequest to "no path", which is no path`},
		{pipeline.Subrequest{Path: "/again"}, "500  " + string(pipeline.ErrorPage(500))},
	} {
		sub = c.sub
		res := client.Post("/outer?a=1", pipelinetest.Cookie("k", "v"), pipelinetest.Body("text/plain", "of the main request"))
		if got := string(res.Body); got != c.want {
			t.Errorf("%+v:\n%s\nwant\n%s", c.sub, got, c.want)
		}
	}
}

func TestSubrequestNeedsAWorker(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Inline())
	if err := c.Subrequest(pipeline.Subrequest{Path: "/"}, nil); !errors.Is(err, pipeline.ErrNeedsWorker) {
		t.Error(err)
	}
	c = pipelinetest.NewCtx(t, "GET", "/")
	if err := c.Subrequest(pipeline.Subrequest{Path: "/"}, nil); err == nil {
		t.Error("a subrequest without an application")
	}
}

// A background subrequest lives on when its main request is over and its Ctx is another request.
func TestBackground(t *testing.T) {
	seen, over := make(chan string, 1), make(chan struct{})
	app := pipeline.New()
	app.Path("inner", func(c *pipeline.Ctx) error {
		<-over
		body, _ := c.Body()
		seen <- fmt.Sprintf("%s %s ?%s cookie=%s body=%q client=%v main=%v", c.Method(), c.Path(), c.QueryBytes(), c.Cookie("k"), body,
			c.Client().Addr(), c.Main() == c)
		if c.Context().Err() != nil || c.Draining() != nil || c.Local().Addr().Is6() {
			t.Error("the connection is remembered wrong")
		}
		return c.NoContent(204)
	})
	done := make(chan error, 1)
	app.Path("outer", func(c *pipeline.Ctx) error {
		c.SetClient(netip.MustParseAddrPort("192.0.2.9:0"))
		body, _ := c.Body()
		if err := c.Background(pipeline.Subrequest{Path: "/inner", Query: c.QueryBytes(), KeepMethod: true, Content: body}, func(err error) { done <- err }); err != nil {
			return err
		}
		return c.Text(200, "at once")
	})
	client := pipelinetest.NewClient(t, app)
	client.Post("/outer?q", pipelinetest.Cookie("k", "v"), pipelinetest.Body("", "content")).AssertBody("at once")
	close(over)
	select {
	case got := <-seen:
		if want := `POST /inner ?q cookie=v body="content" client=192.0.2.9 main=true`; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	case <-time.After(time.Minute):
		t.Fatal("it never came")
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// own is the carrier of a server, and runner an application that wants it.
type own struct {
	pipeline.Transport
	name string
}

func (o *own) Under() pipeline.Transport { return o.Transport }

type runner struct{ seen chan string }

func (r runner) Run(c *pipeline.Ctx) pipeline.Outcome {
	r.seen <- fmt.Sprint(c.Transport().(*own).name, " ", c.IsSubrequest(), " ", c.Path())
	_ = c.NoContent(204)
	return pipeline.Done
}

func TestSubrequestOfAServer(t *testing.T) {
	r := runner{make(chan string, 1)}
	s := pipeline.Subrequest{Path: "/x", App: r, Carry: func(t pipeline.Transport) pipeline.Transport { return &own{t, "own"} }}
	c := pipelinetest.NewCtx(t, "GET", "/")
	if err := c.Subrequest(s, func(sub *pipeline.Ctx) error {
		if sub.Main() != c || sub.Res().Status != 204 {
			t.Error("the main request is lost")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := <-r.seen; got != "own true /x" {
		t.Error(got)
	}
	if err := c.Background(s, nil); err != nil {
		t.Fatal(err)
	}
	if got := <-r.seen; got != "own true /x" {
		t.Error(got)
	}
}

func TestClientIsThePeerUnlessTold(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Remote("10.0.0.1:7"))
	if c.ClientSet() || c.Client() != netip.MustParseAddrPort("10.0.0.1:7") {
		t.Errorf("%v", c.Client())
	}
	for _, s := range []string{"[2001:db8::1]:0", "192.0.2.1:80"} {
		c.SetClient(netip.MustParseAddrPort(s))
		if !c.ClientSet() || c.Client().String() != s || c.Remote().String() != "10.0.0.1:7" {
			t.Errorf("%v, %v", c.Client(), c.Remote())
		}
	}
}

// challenge is an error with a field of its own.
type challenge struct{ error }

func (e challenge) Unwrap() error           { return e.error }
func (challenge) Challenge(c *pipeline.Ctx) { _ = c.AddHeader("WWW-Authenticate", "Test") }
func refused(err error) func(c *pipeline.Ctx) error {
	return func(c *pipeline.Ctx) error { return c.Refuse(err) }
}

func TestRefuse(t *testing.T) {
	app := pipeline.New()
	app.Get("/401", refused(challenge{&pipeline.Error{Status: 401}}))
	app.Get("/wrapped", refused(fmt.Errorf("within: %w", challenge{&pipeline.Error{Status: 402}})))
	app.Get("/403", refused(pipeline.ErrPermissionDenied))
	app.ErrorHandler(402, func(c *pipeline.Ctx) error { return c.Text(402, "own page") })
	client := pipelinetest.NewClient(t, app)
	client.Get("/401").AssertStatus(401).AssertHeader("WWW-Authenticate", "Test")
	client.Get("/wrapped").AssertStatus(402).AssertHeader("WWW-Authenticate", "Test").AssertBody("own page")
	client.Get("/403").AssertStatus(403).AssertHeader("WWW-Authenticate", "")
}

func TestWait(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Inline())
	if err := c.Wait(0); !errors.Is(err, pipeline.ErrNeedsWorker) {
		t.Errorf("on a reactor: %v", err)
	}
	c = pipelinetest.NewCtx(t, "GET", "/")
	start := time.Now()
	if err := c.Wait(20 * time.Millisecond); err != nil || time.Since(start) < 20*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	c.SetDeadline(time.Now().Add(time.Millisecond))
	var e *pipeline.Error
	if err := c.Wait(time.Hour); !errors.As(err, &e) || e.Status != 499 {
		t.Errorf("behind the deadline: %v", err)
	}
}
