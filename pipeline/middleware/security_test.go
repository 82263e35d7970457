package middleware

import (
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// What the proxy says counts only in the field that was named, and there it alone counts.
func TestSecurityProxySSLHeader(t *testing.T) {
	header, secure := pipelinetest.Header, pipelinetest.Secure()
	for _, c := range []struct {
		name string
		mw   [2]string
		opts []pipelinetest.Option
		want string
	}{
		{"no setting", [2]string{}, []pipelinetest.Option{header("X-Forwarded-Proto", "https")}, "http"},
		{"absent", [2]string{"X-Forwarded-Proto", "https"}, nil, "http"},
		{"absent, encrypted", [2]string{"X-Forwarded-Proto", "https"}, []pipelinetest.Option{secure}, "https"},
		{"yes", [2]string{"X-Forwarded-Proto", "https"}, []pipelinetest.Option{header("x-forwarded-proto", "https")}, "https"},
		{"the case of the value counts", [2]string{"X-Forwarded-Proto", "https"}, []pipelinetest.Option{header("x-forwarded-proto", "HTTPS")}, "http"},
		{"first of a list", [2]string{"X-Forwarded-Proto", "https"}, []pipelinetest.Option{header("X-Forwarded-Proto", "https , http")}, "https"},
		{"second of a list", [2]string{"X-Forwarded-Proto", "https"}, []pipelinetest.Option{header("X-Forwarded-Proto", "http,https")}, "http"},
		{"no, although encrypted", [2]string{"X-Forwarded-Proto", "https"}, []pipelinetest.Option{header("X-Forwarded-Proto", "http"), secure}, "http"},
		{"empty, although encrypted", [2]string{"X-Forwarded-Proto", "https"}, []pipelinetest.Option{header("X-Forwarded-Proto", ""), secure}, "http"},
		{"a field of one's own", [2]string{"X-Front-TLS", "on"}, []pipelinetest.Option{header("x-front-tls", "on")}, "https"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := pipelinetest.NewClient(t, site(&Security{ProxySSLHeader: c.mw, HSTSSeconds: 5}))
			res := client.Get("/", c.opts...).AssertStatus(200)
			if got, _, _ := strings.Cut(string(res.Body), " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			hsts := map[string]string{"http": "", "https": "max-age=5"}[c.want]
			res.AssertHeader("Strict-Transport-Security", hsts)
		})
	}
}

// The redirect keeps host, port, path and query, and takes the path as the client wrote it.
func TestSecurityRedirect(t *testing.T) {
	client := pipelinetest.NewClient(t, site(&Hosts{Allowed: []string{"*"}}, &Security{SSLRedirect: true, RedirectExempt: []string{`^health$`, `^open/`}}))
	for target, want := range map[string]string{
		"/":                "https://h:8000/",
		"/a%20b?c=%22d":    "https://h:8000/a%20b?c=%22d",
		"//evil.tld/":      "https://h:8000//evil.tld/",
		"/open/../private": "https://h:8000/open/../private",
		"/health":          "",
		"/open/x":          "",
	} {
		res := client.Get(target, pipelinetest.Host("h:8000"))
		if want == "" {
			res.AssertStatus(200)
			continue
		}
		res.AssertStatus(301).AssertHeader("Location", want).AssertHeader("X-Content-Type-Options", "nosniff")
	}
	client.Get("/", pipelinetest.Host("h"), pipelinetest.Secure()).AssertStatus(200)
	client.Do("OPTIONS", "*", pipelinetest.Host("h")).AssertStatus(200).AssertHeader("Location", "")
}

// The fields are on error pages, too.
func TestSecurityOnErrors(t *testing.T) {
	app := pipeline.New()
	app.Use(&Security{ReferrerPolicy: Omit, CrossOriginOpenerPolicy: "unsafe-none", DisableContentTypeNosniff: true})
	app.Get("/panic", func(*pipeline.Ctx) error { panic("boom") })
	client := pipelinetest.NewClient(t, app)
	client.AllowErrors = true
	client.Get("/panic").AssertStatus(500).AssertHeader("Cross-Origin-Opener-Policy", "unsafe-none").
		AssertHeader("X-Content-Type-Options", "").AssertHeader("Referrer-Policy", "")
}

// What cannot work is refused when the application is compiled.
func TestLoadRefuses(t *testing.T) {
	hosts := &Hosts{Allowed: []string{"*"}}
	for _, c := range []struct {
		why string
		mw  []pipeline.Middleware
	}{
		{"error parsing regexp", []pipeline.Middleware{&Security{RedirectExempt: []string{"("}}}},
		{"needs a name and a value", []pipeline.Middleware{&Security{ProxySSLHeader: [2]string{"X-Forwarded-Proto"}}}},
		{"Referrer-Policy cannot be", []pipeline.Middleware{&Security{ReferrerPolicy: "a\r\nSet-Cookie: b"}}},
		{"Hosts has to come before", []pipeline.Middleware{&Security{SSLRedirect: true}, hosts}},
		{"Hosts has to come before", []pipeline.Middleware{&Common{PrependWWW: true}, hosts}},
		{"error parsing regexp", []pipeline.Middleware{&Common{DisallowedUserAgents: []string{"("}}}},
		{"X-Frame-Options cannot be", []pipeline.Middleware{&XFrameOptions{Value: "a\nb"}}},
		{"must be 1 to 9", []pipeline.Middleware{&GZip{Level: 10}}},
	} {
		if _, err := site(c.mw...).Compile(); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("want %q, got %v", c.why, err)
		}
	}
	for _, mw := range [][]pipeline.Middleware{{hosts, &Security{SSLRedirect: true}, &Common{PrependWWW: true}},
		{&Security{SSLRedirect: true, SSLHost: "h"}, &Common{}, hosts}, {&Security{SSLRedirect: true}}} {
		if _, err := site(mw...).Compile(); err != nil {
			t.Error(err)
		}
	}
}
