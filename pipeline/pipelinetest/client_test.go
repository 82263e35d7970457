package pipelinetest_test

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// shop is an application with one of everything.
func shop(t *testing.T) *pipeline.App {
	app := pipeline.New()
	app.Get("/hello/{name}", func(c *pipeline.Ctx) error { return c.Text(200, "hello "+c.Param("name")) }, pipeline.Inline)
	app.Get("/login", func(c *pipeline.Ctx) error {
		c.SetHeader("Set-Cookie", "who="+c.Query("as")+"; Path=/")
		return c.Redirect(302, "whoami?x=1")
	})
	app.Get("/whoami", func(c *pipeline.Ctx) error { return c.Text(200, c.Cookie("who")) })
	app.Post("/echo", func(c *pipeline.Ctx) error {
		b, err := c.Body()
		if err != nil {
			return err
		}
		return c.Bytes(201, c.Header("Content-Type"), b)
	}, pipeline.Inline)
	app.Post("/read", func(c *pipeline.Ctx) error {
		b, err := io.ReadAll(c.BodyReader())
		return errors.Join(err, c.Text(200, fmt.Sprint(len(b))))
	})
	app.Post("/keep", func(c *pipeline.Ctx) error { return c.Redirect(307, "/echo") })
	app.Get("/loop", func(c *pipeline.Ctx) error { return c.Redirect(301, "/loop") })
	app.Get("/panic", func(*pipeline.Ctx) error { panic("on purpose") })
	app.Get("/abort", func(*pipeline.Ctx) error { pipeline.Abort(); return nil })
	app.Get("/json", func(c *pipeline.Ctx) error { return c.Text(200, `{"a": [1, 2]}`) })
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	app.Get("/file", func(c *pipeline.Ctx) error { return c.SendFile("text/plain", name) })
	app.Get("/broken", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_, _ = s.Write([]byte("half"))
			return errors.New("no more")
		})
	})
	app.Get("/ticks", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/event-stream", -1, func(s *pipeline.Stream) error {
			for i := 0; ; i++ {
				select {
				case <-s.Ctx().Context().Done():
					return s.Ctx().Context().Err()
				case <-time.After(time.Second):
				}
				if _, err := fmt.Fprintf(s, "tick %d\n", i); err != nil {
					return err
				}
			}
		})
	})
	return app
}

func TestClient(t *testing.T) {
	client := pipelinetest.NewClient(t, shop(t))
	client.Get("/hello/you").AssertContains("hello you").AssertHeader("Content-Length", "9")
	if res := client.Head("/hello/you").AssertStatus(200); len(res.Body) != 0 {
		t.Errorf("HEAD has a body: %q", res.Body)
	}
	client.Get("/none").AssertStatus(404)
	client.Do("PATCH", "/echo").AssertStatus(405).AssertHeader("Allow", "POST, OPTIONS")
	client.Get("/login?as=me").AssertRedirects("whoami?x=1")
	client.Get("/whoami").AssertBody("me")
	client.Post("/echo", pipelinetest.JSON(map[string]int{"a": 1})).AssertStatus(201).AssertJSON(`{"a":1}`)
	client.Post("/echo", pipelinetest.Form(url.Values{"k": {"v w"}})).AssertBody("k=v+w")
	client.Post("/read", pipelinetest.Chunks("text/plain", strings.NewReader(strings.Repeat("x", 70000)))).AssertBody("70000")
	client.Get("/file").AssertBody("content").AssertHeader("Content-Type", "text/plain")
	client.Get("/json").AssertJSON(`{"a":[1,2]}`)
	up := client.Post("/echo", pipelinetest.Upload(url.Values{"t": {"x"}}, pipelinetest.File{Field: "f", Name: `a".txt`, Content: "body"}))
	for _, want := range []string{`name="t"`, `filename="a\".txt"`, "body"} {
		if !strings.Contains(string(up.Body), want) {
			t.Errorf("%s is not in %s", want, up.Body)
		}
	}
	if res := client.Get("/abort"); !res.Aborted {
		t.Errorf("status %d", res.Status)
	}
	if res := client.Get("/broken"); string(res.Body) != "half" || res.BodyErr == nil {
		t.Errorf("%q %v", res.Body, res.BodyErr)
	}
	if r := client.Get("/hello/you").Route; r == nil || r.Pattern != "GET /hello/{name}" {
		t.Errorf("%v", r)
	}
}

// What a stream looks like is what the server makes of it: no body where there can be none, and no other length than the
// announced one.
func TestStreamsAsTheServerSendsThem(t *testing.T) {
	app := pipeline.New()
	ran := 0
	app.Get("/{status}/{length}", func(c *pipeline.Ctx) error {
		status, _ := strconv.Atoi(c.Param("status"))
		length, _ := strconv.ParseInt(c.Param("length"), 10, 64)
		return c.Stream(status, "text/plain", length, func(s *pipeline.Stream) error {
			ran++
			_, err := io.WriteString(s, "12345")
			return err
		})
	})
	client := pipelinetest.NewClient(t, app)
	client.Get("/200/5").AssertBody("12345").AssertHeader("Content-Length", "5")
	client.Get("/200/-1").AssertBody("12345").AssertHeader("Content-Length", "")
	if ran != 2 {
		t.Errorf("ran %d times", ran)
	}
	client.Head("/200/5").AssertBody("").AssertHeader("Content-Length", "5")
	client.Get("/204/5").AssertBody("").AssertHeader("Content-Length", "")
	client.Get("/304/-1").AssertBody("")
	if ran != 2 {
		t.Error("a body that nobody gets was made")
	}
	for _, length := range []string{"4", "6"} {
		if res := client.Get("/200/" + length); res.BodyErr == nil {
			t.Errorf("length %s: %q looks complete", length, res.Body)
		}
	}
}

func TestFollow(t *testing.T) {
	client := pipelinetest.NewClient(t, shop(t))
	client.Follow = true
	if res := client.Get("/login?as=you").AssertBody("you"); len(res.History) != 1 || res.Target != "/whoami?x=1" {
		t.Errorf("%s %v", res.Target, res.History)
	}
	client.Post("/keep", pipelinetest.Body("text/x", "again")).AssertStatus(201)
}

// failing is a testing.TB that notes failures.
type failing struct {
	testing.TB
	errors []string
}

func (f *failing) Helper()                   {}
func (f *failing) Errorf(s string, a ...any) { f.errors = append(f.errors, fmt.Sprintf(s, a...)) }
func (f *failing) Fatalf(s string, a ...any) { panic(fmt.Sprintf(s, a...)) }

// What must fail a test does.
func TestFailures(t *testing.T) {
	f := &failing{TB: t}
	client := pipelinetest.NewClient(f, shop(t))
	client.Get("/panic")
	if len(f.errors) != 1 || !strings.Contains(f.errors[0], "on purpose") {
		t.Errorf("%q", f.errors)
	}
	client.AllowErrors = true
	client.Get("/panic").AssertStatus(500)
	client.Get("/hello/you").AssertStatus(201).AssertContains("bye").AssertHeader("X", "y").AssertBody("").AssertRedirects("/").AssertJSON("1")
	if len(f.errors) != 8 {
		t.Errorf("%d failures: %q", len(f.errors), f.errors)
	}
	client.Follow = true
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "redirects") {
			t.Errorf("%v", v)
		}
	}()
	client.Get("/loop")
}

func TestOneView(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/x?q=1", pipelinetest.Param("id", 7), pipelinetest.Header("X-A", "b"),
		pipelinetest.Remote("192.0.2.1:9"), pipelinetest.Secure())
	id, _ := c.ParamInt("id")
	_ = c.Text(200, fmt.Sprintln(id, c.Query("q"), c.Header("x-a"), c.Remote(), c.Secure(), c.Param("id")))
	if res := pipelinetest.Of(t, c).AssertStatus(200); string(res.Body) != "7 1 b 192.0.2.1:9 true 7\n" {
		t.Errorf("%s", res.Body)
	}
}

// An endless stream in fake time: the client reads three events and leaves.
func TestStreaming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := pipelinetest.NewClient(t, shop(t))
		began := time.Now()
		s := client.Stream("GET", "/ticks")
		for i := range 3 {
			if line, err := s.Lines.ReadString('\n'); line != fmt.Sprintf("tick %d\n", i) || err != nil {
				t.Errorf("%q %v", line, err)
			}
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %v", took)
		}
		if err := s.Close(); err == nil {
			t.Error("the application did not notice that the client left")
		}
	})
}
