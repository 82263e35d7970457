package middleware

import (
	"errors"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// slashes has routes with and without a slash behind middleware.
func slashes(mw ...pipeline.Middleware) *pipeline.App {
	app := pipeline.New()
	app.Use(mw...)
	ok := func(c *pipeline.Ctx) error { return c.Text(200, "ok") }
	app.Path("slash/", ok)
	app.Path("optout/", ok, NoAppendSlash)
	app.Path("gone/", func(*pipeline.Ctx) error { return pipeline.ErrNotFound })
	app.Path("missing", func(*pipeline.Ctx) error { return pipeline.ErrNotFound })
	app.Path("missing/", ok)
	app.Post("/posted/", ok)
	app.Mount("/files/", ok)
	return app
}

func TestCommonAppendSlash(t *testing.T) {
	client := pipelinetest.NewClient(t, slashes(&Common{}))
	for target, want := range map[string]string{
		"/slash":            "/slash/",
		"/slash?a=b&c=%22":  "/slash/?a=b&c=%22",
		"/sl%61sh":          "/slash/",
		"/gone":             "/gone/",   // whether the view finds something is not asked
		"/posted":           "/posted/", // nor which methods the route takes
		"/files":            "/files/",
		"//slash":           "/%2Fslash/",   // "//slash/" would be a host
		"/./%2fslash":       "/./%2Fslash/", // nor without its dots
		"/a/..//slash?//":   "/a/../%2Fslash/?//",
		"//a/../slash":      "/%2Fa/../slash/",
		"/optout":           "",
		"/missing":          "", // the route without a slash exists
		"/unknown":          "",
		"/unknown/":         "",
		"/slash/%2e%2e/x/y": "",
	} {
		res := client.Get(target)
		if want == "" {
			res.AssertStatus(404).AssertHeader("Location", "")
			continue
		}
		res.AssertStatus(301).AssertHeader("Location", want).AssertBody("")
	}
	pipelinetest.NewClient(t, slashes(&Common{DisableAppendSlash: true})).Get("/slash").AssertStatus(404)
}

// In debug a redirect that would lose content is an error that tells what to do; other methods are redirected.
func TestCommonDebug(t *testing.T) {
	app := slashes(&Common{})
	app.Debug = true
	client := pipelinetest.NewClient(t, app)
	client.AllowErrors = true
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		res := client.Do(method, "/slash?a=1").AssertStatus(500)
		if res.Err == nil || !strings.Contains(res.Err.Error(), method+" to a URL that does not end in a slash") ||
			!strings.Contains(res.Err.Error(), "testserver/slash/?a=1") {
			t.Error(res.Err)
		}
	}
	client.Do("OPTIONS", "/slash").AssertStatus(301)
}

// Fields of the 404 page and of the layers inside are gone with it; layers outside see the redirect.
func TestCommonReplacesResponse(t *testing.T) {
	client := pipelinetest.NewClient(t, slashes(&Security{}, &Common{}, &XFrameOptions{}))
	client.Get("/slash").AssertStatus(301).AssertHeader("X-Frame-Options", "").AssertHeader("Referrer-Policy", "same-origin").
		AssertHeader("Content-Type", "")
}

func TestCommonPrependWWW(t *testing.T) {
	client := pipelinetest.NewClient(t, slashes(&Hosts{Allowed: []string{"*"}}, &Common{PrependWWW: true}))
	client.Do("OPTIONS", "*", pipelinetest.Host("example.com")).AssertStatus(200).AssertHeader("Location", "")
	for _, c := range []struct{ host, target, want string }{
		{"example.com", "/slash/", "http://www.example.com/slash/"},
		{"example.com:8000", "/slash", "http://www.example.com:8000/slash/"},
		{"example.com", "/unknown?x=1", "http://www.example.com/unknown?x=1"},
		{"example.com", "/missing", "http://www.example.com/missing"},
		{"wwwx.com", "/slash/", "http://www.wwwx.com/slash/"},
		{"www.example.com", "/slash/", ""},
		{"WWW.example.com", "/slash/", ""},
		{"[::1]", "/slash/", ""},
	} {
		res := client.Get(c.target, pipelinetest.Host(c.host))
		if c.want == "" {
			res.AssertStatus(200)
		} else {
			res.AssertStatus(301).AssertHeader("Location", c.want)
		}
	}
}

func TestCommonUserAgents(t *testing.T) {
	client := pipelinetest.NewClient(t, slashes(&Common{DisallowedUserAgents: []string{"^evil", "(?i)bot"}}))
	for agent, status := range map[string]int{"evil/1": 403, "not evil": 200, "GoogleBOT": 403, "": 200} {
		res := client.Get("/slash/", pipelinetest.Header("User-Agent", agent)).AssertStatus(status)
		if status == 403 && !errors.Is(res.Err, pipeline.ErrPermissionDenied) {
			t.Error(res.Err)
		}
	}
	client.Get("/slash/").AssertStatus(200)
}

// A middleware outside that answers 404 before the URL is resolved gets no redirect made of it, being outside; one inside
// does, as in Django.
func TestCommonBeforeResolving(t *testing.T) {
	refuse := func(next pipeline.Handler) pipeline.Handler {
		return func(c *pipeline.Ctx) error { return c.Text(404, "refused") }
	}
	pipelinetest.NewClient(t, slashes(refuse, &Common{})).Get("/slash").AssertStatus(404).AssertBody("refused")
	pipelinetest.NewClient(t, slashes(&Common{}, refuse)).Get("/slash").AssertStatus(301).AssertHeader("Location", "/slash/")
}
