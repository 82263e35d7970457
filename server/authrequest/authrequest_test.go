package authrequest_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/access"
	"github.com/wheelpit/wheelpit/server/authrequest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

type keptKey struct{}

// header is the value of a response field of the subrequest, as $sent_http_... would be.
func header(name string) pipeline.Value {
	return func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, c.ResponseHeader(name)...) }
}

// site answers /inner/STATUS with that status, and has /auth?STATUS guarded by it.
func site(t *testing.T, uri string, change func(*authrequest.Config)) *pipelinetest.Client {
	t.Helper()
	config := authrequest.Config{URI: uri, Set: []authrequest.Set{{Value: header("X-User"), Assign: func(c *pipeline.Ctx, v []byte) { c.Set(keptKey{}, string(v)) }}}}
	if change != nil {
		change(&config)
	}
	auth, err := authrequest.New(config)
	if err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	app.Use(auth)
	app.Path("inner/<int:status>", func(c *pipeline.Ctx) error {
		body, err := c.Body()
		if err != nil || len(body) != 0 || c.Method() != "GET" || len(c.QueryBytes()) != 0 {
			t.Errorf("the subrequest is %s with %q, query %q, %v", c.Method(), body, c.QueryBytes(), err)
		}
		_ = c.SetHeader("X-User", c.Header("X-Name"))
		_ = c.AddHeader("WWW-Authenticate", "One")
		_ = c.AddHeader("WWW-Authenticate", "Two")
		status, _ := c.ParamInt("status")
		return c.Text(int(status), "inner")
	})
	app.Path("guarded", func(c *pipeline.Ctx) error {
		body, _ := c.Body()
		kept, _ := c.Get(keptKey{}).(string)
		return c.Text(200, fmt.Sprintf("%s %s kept=%s", c.Method(), body, kept))
	})
	client := pipelinetest.NewClient(t, app)
	client.AllowErrors = true
	return client
}

func TestStatuses(t *testing.T) {
	for inner, want := range map[int]int{200: 200, 201: 200, 204: 200, 299: 200, 300: 500, 304: 500, 401: 401, 402: 500, 403: 403, 404: 500, 500: 500, 503: 500} {
		message := ""
		client := site(t, fmt.Sprint("/inner/", inner), func(c *authrequest.Config) {
			c.Log = func(_ *pipeline.Ctx, _ slog.Level, m string) { message = m }
		})
		res := client.Post("/guarded?q=1", pipelinetest.Header("X-Name", "alice"), pipelinetest.Body("", "content")).AssertStatus(want)
		if want == 200 {
			res.AssertBody("POST content kept=alice")
		}
		if got := strings.Join(res.Header.Values("WWW-Authenticate"), ","); (got == "One,Two") != (want == 401) || want != 401 && got != "" {
			t.Errorf("%d: challenges %q", inner, got)
		}
		if wantLog := fmt.Sprint("auth request unexpected status: ", inner); (message == wantLog) != (want == 500) {
			t.Errorf("%d: %q", inner, message)
		}
	}
}

func TestFailures(t *testing.T) {
	broken := errors.New("broken")
	client := site(t, "/inner/200", func(c *authrequest.Config) {
		c.Send = func(*pipeline.Ctx, pipeline.Subrequest, func(*pipeline.Ctx) error) error { return broken }
	})
	if res := client.Get("/guarded"); res.Status != 500 || !errors.Is(res.Err, broken) {
		t.Errorf("%d %v", res.Status, res.Err)
	}
	if res := site(t, "/none", nil).Get("/guarded"); res.Status != 500 {
		t.Errorf("%d", res.Status)
	}
	for _, c := range []authrequest.Config{{}, {URI: "off"}, {URI: "/x", Set: []authrequest.Set{{}}}} {
		if _, err := authrequest.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func TestAny(t *testing.T) {
	auth, err := authrequest.New(authrequest.Config{URI: "/inner"})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := access.New([]access.Rule{{Allow: true, From: "10.0.0.1"}, {From: "all"}}, access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	phase, err := access.NewPhase(access.PhaseConfig{Any: true, Checks: []access.Check{rules, auth}})
	if err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	app.Use(phase)
	app.Get("/inner", func(c *pipeline.Ctx) error {
		return c.NoContent(map[bool]int{true: 200, false: 403}[c.Header("X-Name") == "alice"])
	})
	app.Get("/guarded", func(c *pipeline.Ctx) error { return c.NoContent(204) })
	client := pipelinetest.NewClient(t, app)
	alice := pipelinetest.Header("X-Name", "alice")
	client.Get("/guarded", pipelinetest.Remote("10.0.0.1:1")).AssertStatus(204)
	client.Get("/guarded", pipelinetest.Remote("10.0.0.2:1"), alice).AssertStatus(204)
	client.Get("/guarded", pipelinetest.Remote("10.0.0.2:1")).AssertStatus(403)
}

// The same statuses in the real nginx. Those that it makes only as a proxy come from a proxied location.
func TestAgainstNginx(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "guarded"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	var conf strings.Builder
	statuses := []int{200, 201, 204, 301, 302, 304, 400, 401, 403, 404, 405, 500, 502, 503}
	for _, s := range statuses {
		fmt.Fprintf(&conf, "location = /g%d { auth_request /p%d; auth_request_set $kept $upstream_http_x_user; add_header X-Kept $kept always; alias {dir}/guarded; }\n", s, s)
		fmt.Fprintf(&conf, "location = /p%d { proxy_pass http://unix:{dir}/sock:/r%d; }\n", s, s)
		fmt.Fprintf(&conf, "location = /r%d { add_header X-User $http_x_name always; add_header WWW-Authenticate One always; return %d; }\n", s, s)
	}
	s := nginxtest.Start(t, dir, "", conf.String())
	for _, status := range statuses {
		nginx := s.Do("", fmt.Sprintf("GET /g%d HTTP/1.1\r\nHost: a\r\nX-Name: alice\r\n", status))
		res := site(t, fmt.Sprint("/inner/", status), nil).Get("/guarded", pipelinetest.Header("X-Name", "alice"))
		if res.Status != nginx.Status || strings.HasPrefix(res.Header.Get("WWW-Authenticate"), "One") != (nginx.Header.Get("WWW-Authenticate") == "One") {
			t.Errorf("%d: %d %v, nginx %d %v", status, res.Status, res.Header, nginx.Status, nginx.Header)
		}
		if nginx.Status == 200 && (nginx.Header.Get("X-Kept") != "alice" || !strings.Contains(string(res.Body), "kept=alice")) {
			t.Errorf("%d: %q, nginx %q", status, res.Body, nginx.Header.Get("X-Kept"))
		}
	}
}
