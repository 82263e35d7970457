package middleware

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// site is an application with mw whose only view, "/", says under which URL it was asked.
func site(mw ...pipeline.Middleware) *pipeline.App {
	app := pipeline.New()
	app.Use(mw...)
	app.Get("/{rest...}", func(c *pipeline.Ctx) error {
		return c.Text(200, Scheme(c)+" "+Host(c)+" "+Port(c)+" "+AbsoluteURI(c, c.Query("to")))
	})
	return app
}

// What X-Forwarded fields change, and that they change nothing unless Hosts was told to believe them.
func TestHostsForwarded(t *testing.T) {
	forward := &Hosts{Allowed: []string{"example.com", "127.0.0.1"}, UseXForwardedHost: true, UseXForwardedPort: true}
	plain := &Hosts{Allowed: []string{"testserver", "127.0.0.1"}}
	fwd := func(v string) pipelinetest.Option { return pipelinetest.Header("X-Forwarded-Host", v) }
	for _, c := range []struct {
		name   string
		hosts  *Hosts
		opts   []pipelinetest.Option
		status int
		want   string
	}{
		{"not believed", plain, []pipelinetest.Option{fwd("evil.tld")}, 200, "http testserver 80 http://testserver/"},
		{"believed", forward, []pipelinetest.Option{fwd("example.com")}, 200, "http example.com 80 http://example.com/"},
		{"believed, with a port", forward, []pipelinetest.Option{fwd("example.com:8443")}, 200, "http example.com:8443 80 http://example.com:8443/"},
		{"believed, but not allowed", forward, []pipelinetest.Option{fwd("evil.tld")}, 400, ""},
		{"two in one field", forward, []pipelinetest.Option{fwd("example.com, example.com")}, 400, ""},
		{"two fields", forward, []pipelinetest.Option{fwd("example.com"), fwd("example.com")}, 400, ""},
		{"empty", forward, []pipelinetest.Option{fwd("")}, 400, ""},
		{"the port of the proxy", forward, []pipelinetest.Option{fwd("example.com"), pipelinetest.Header("X-Forwarded-Port", "8080")}, 200,
			"http example.com 8080 http://example.com/"},
		{"no Host: the server's address", plain, []pipelinetest.Option{pipelinetest.HTTP10(), pipelinetest.Host("")}, 200,
			"http 127.0.0.1 80 http://127.0.0.1/"},
		{"no Host: the proxy's port", forward, []pipelinetest.Option{pipelinetest.HTTP10(), pipelinetest.Host(""), pipelinetest.Header("X-Forwarded-Port", "81")}, 200,
			"http 127.0.0.1:81 81 http://127.0.0.1:81/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := pipelinetest.NewClient(t, site(c.hosts)).Get("/", c.opts...).AssertStatus(c.status)
			if c.status == 200 {
				res.AssertBody(c.want)
			} else if !errors.Is(res.Err, pipeline.ErrDisallowedHost) {
				t.Errorf("error %v", res.Err)
			}
		})
	}
}

// The message helps who forgot to allow a name, and does not let the client write into a log.
func TestHostsMessage(t *testing.T) {
	client := pipelinetest.NewClient(t, site(&Hosts{Allowed: []string{"a"}}))
	if err := client.Get("/", pipelinetest.Host("b:80")).Err; err == nil || !strings.Contains(err.Error(), `"b" may have to be added`) {
		t.Error(err)
	}
	if err := client.Get("/", pipelinetest.Host("b_c")).Err; err == nil || !strings.Contains(err.Error(), `"b_c": the name is not valid`) {
		t.Error(err)
	}
}

func TestAbsoluteURI(t *testing.T) {
	client := pipelinetest.NewClient(t, site(&Hosts{Allowed: []string{"*"}}))
	for to, want := range map[string]string{
		"":                  "https://testserver/dir%20a/page?to=",
		"/x?y=1":            "https://testserver/x?y=1",
		"x":                 "https://testserver/dir%20a/x",
		"../x":              "https://testserver/x",
		"?q=2":              "https://testserver/dir%20a/page?q=2",
		"//other/x":         "https://other/x",
		"http://other/x":    "http://other/x",
		"/a/../b":           "https://testserver/b",
		"mailto:a@b":        "mailto:a@b",
		"http://[bad":       "http://[bad",
		"/%zz":              "/%zz",
		"http://other/%20x": "http://other/%20x",
	} {
		target := "/dir%20a/page?to=" + strings.NewReplacer("?", "%3F", "=", "%3D", "%", "%25", " ", "%20").Replace(to)
		res := client.Get(target, pipelinetest.Secure())
		if got := strings.Fields(string(res.Body))[3]; got != want {
			t.Errorf("%q: got %s, want %s", to, got, want)
		}
	}
}

// A path that a proxy or a client wrote in any spelling comes out as one that may stand in a field.
func TestFullPath(t *testing.T) {
	for target, want := range map[string]string{
		"/":                     "/",
		"/a%20b/%C3%A9":         "/a%20b/%C3%A9",
		"/\xff":                 "/%25FF",
		`/"<>`:                  "/%22%3C%3E",
		"/%2Fa%0d%0aX:%20y":     "//a%0D%0AX:%20y",
		"/a?b=%0d%0a\"&c=\xc3@": "/a?b=%0d%0a%22&c=%C3@",
		"http://h?x=1":          "/?x=1",
	} {
		if got := FullPath(pipelinetest.NewCtx(t, "GET", target)); got != want {
			t.Errorf("%q: got %q, want %q", target, got, want)
		}
	}
}

// FuzzDomainOf compares with Django's expression (host_validation_re of 5.2) on whatever bytes.
func FuzzDomainOf(f *testing.F) {
	for _, s := range []string{"", "a", "A.b-c.", "a:80", "a:", ":80", "a:8x", "[::1]", "[::1]:80", "[::1].", "[:", "[]", "[a:b]", "[a:]",
		"[.:a]", "[:.]", "a_b", "a b", "..", ".", "[::1]80", "\xc3\xbc"} {
		f.Add(s)
	}
	django := regexp.MustCompile(`^([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::([0-9]+))?$`)
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) {
			return // lower-casing makes ASCII of some letters that are none
		}
		want := ""
		if m := django.FindStringSubmatch(strings.ToLower(s)); m != nil && !strings.HasSuffix(s, "\n") {
			want = strings.TrimSuffix(m[1], ".")
		}
		if got := strings.ToLower(string(domainOf([]byte(s)))); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	})
}
