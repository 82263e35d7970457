package middleware

import (
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestCORS(t *testing.T) {
	const origin, method, headers = "Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"
	open := &CORS{}
	closed := &CORS{Origins: []string{"https://a.example", "https://b.example"}, Methods: []string{"GET", "PUT"},
		Headers: []string{"X-A"}, Expose: []string{"X-B", "X-C"}, Credentials: true, MaxAge: 600}
	for _, c := range []struct {
		name   string
		cors   *CORS
		method string
		fields string // separated by ";"
		status int
		want   map[string]string
	}{
		{"anybody", open, "GET", "Origin: https://x", 200, map[string]string{origin: "*", "Vary": ""}},
		{"no origin", open, "GET", "", 200, map[string]string{origin: "*"}},
		{"preflight as asked", open, "OPTIONS", "Origin: https://x; Access-Control-Request-Method: PATCH; Access-Control-Request-Headers: x-q", 204,
			map[string]string{origin: "*", method: "PATCH", headers: "x-q", "Access-Control-Max-Age": "",
				"Vary": "Access-Control-Request-Method, Access-Control-Request-Headers"}},
		{"OPTIONS that is no preflight", open, "OPTIONS", "Origin: https://x", 200, map[string]string{method: "", "Allow": "GET, HEAD, OPTIONS"}},
		{"allowed", closed, "GET", "Origin: https://b.example", 200, map[string]string{origin: "https://b.example", "Vary": "Origin",
			"Access-Control-Allow-Credentials": "true", "Access-Control-Expose-Headers": "X-B, X-C"}},
		{"not allowed", closed, "GET", "Origin: https://b.example.evil", 200, map[string]string{origin: "", "Vary": "Origin",
			"Access-Control-Allow-Credentials": "", "Access-Control-Expose-Headers": ""}},
		{"preflight", closed, "OPTIONS", "Origin: https://a.example; Access-Control-Request-Method: PATCH", 204, map[string]string{
			origin: "https://a.example", method: "GET, PUT", headers: "X-A", "Access-Control-Max-Age": "600", "Vary": "Origin"}},
		{"preflight not allowed", closed, "OPTIONS", "Origin: null; Access-Control-Request-Method: PATCH", 200, map[string]string{
			origin: "", method: "", "Vary": "Origin"}},
	} {
		app := pipeline.New()
		app.Use(c.cors)
		app.Get("/", func(c *pipeline.Ctx) error { return c.Text(200, "ok") })
		var opts []pipelinetest.Option
		for f := range strings.SplitSeq(c.fields, "; ") {
			if name, value, ok := strings.Cut(f, ": "); ok {
				opts = append(opts, pipelinetest.Header(name, value))
			}
		}
		res := pipelinetest.NewClient(t, app).Do(c.method, "/", opts...).AssertStatus(c.status)
		for name, value := range c.want {
			if got := res.Header.Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", c.name, name, got, value)
			}
		}
	}
}

func TestCORSRefusesCredentialsForAll(t *testing.T) {
	for _, m := range []*CORS{{Credentials: true}, {Credentials: true, Origins: []string{"*"}}, {Expose: []string{"a\r\nb"}}} {
		app := pipeline.New()
		app.Use(m)
		if _, err := app.Compile(); err == nil {
			t.Errorf("%+v is accepted", m)
		}
	}
}
