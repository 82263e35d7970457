package middleware

import (
	"regexp"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

var madeID = regexp.MustCompile(`^[0-9a-f]{32}$`)

func TestRequestID(t *testing.T) {
	longest := strings.Repeat("x", MaxRequestID)
	for _, c := range []struct {
		name  string
		mw    *RequestID
		sent  string
		taken bool
	}{
		{"nothing sent", &RequestID{}, "", false},
		{"nobody is trusted", &RequestID{}, "abc", false},
		{"anyone is", &RequestID{Trust: FromAnyone}, "abc", true},
		{"a UUID", &RequestID{Trust: FromAnyone}, "0190a7e2-5d6c-7c3b-8f5e-1a2b3c4d5e6f", true},
		{"base64", &RequestID{Trust: FromAnyone}, "aZ09+/==", true},
		{"the longest", &RequestID{Trust: FromAnyone}, longest, true},
		{"too long", &RequestID{Trust: FromAnyone}, longest + "x", false},
		{"a space", &RequestID{Trust: FromAnyone}, "a b", false},
		{"a quote", &RequestID{Trust: FromAnyone}, `a"b`, false},
		{"UTF-8", &RequestID{Trust: FromAnyone}, "ä", false},
		{"a tab", &RequestID{Trust: FromAnyone}, "a\tb", false},
		{"another field", &RequestID{Trust: FromAnyone, Header: "X-Correlation-ID"}, "abc", true},
		{"the proxy is trusted", &RequestID{Trust: FromProxy}, "abc", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := c.mw.Header
			if header == "" {
				header = "X-Request-ID"
			}
			cl := client(t, echo(GetRequestID, &RealIP{From: []string{"127.0.0.1"}}, c.mw))
			var opts []pipelinetest.Option
			if c.sent != "" {
				opts = append(opts, pipelinetest.Header(header, c.sent))
			}
			res := cl.Get("/", opts...)
			id := string(res.Body)
			if c.taken != (id == c.sent) || !c.taken && !madeID.MatchString(id) {
				t.Errorf("%q became %q", c.sent, id)
			}
			res.AssertHeader(header, id)
		})
	}
	compileError(t, "is no field name", &RequestID{Header: "X-ID\r\nX"})
}

func TestRequestIDOfAnUntrustedPeer(t *testing.T) {
	cl := client(t, echo(GetRequestID, &RealIP{From: []string{"10.0.0.1"}}, &RequestID{Trust: FromProxy}))
	res := cl.Get("/", pipelinetest.Header("X-Request-ID", "abc"))
	if !madeID.MatchString(string(res.Body)) {
		t.Errorf("%q", res.Body)
	}
	if cl.Get("/").Header.Get("X-Request-ID") == res.Header.Get("X-Request-ID") {
		t.Error("the same identifier twice")
	}
}

// Error pages have the identifier as well, and a mounted application, which is begun twice, keeps it.
func TestRequestIDOnErrorsAndMounts(t *testing.T) {
	sub := quiet()
	sub.Use(&RequestID{})
	sub.Get("/id", func(c *pipeline.Ctx) error { return c.Text(200, "sub "+GetRequestID(c)) })
	app := quiet()
	app.Use(&RequestID{})
	app.MountApp("/sub/", sub)
	cl := client(t, app)
	if id := cl.Get("/none").AssertStatus(404).Header.Get("X-Request-ID"); !madeID.MatchString(id) {
		t.Errorf("404: %q", id)
	}
	res := cl.Get("/sub/id").AssertStatus(200)
	id := res.Header.Get("X-Request-ID")
	if res.AssertBody("sub " + id); !madeID.MatchString(id) {
		t.Errorf("mounted: %q", id)
	}
	if GetRequestID(pipelinetest.NewCtx(t, "GET", "/")) != "" {
		t.Error("an identifier without the middleware")
	}
}
