package middleware

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestBasicAuth(t *testing.T) {
	users := &BasicAuth{Realm: `a "b" \c`, Users: map[string]string{"joe": "pa:ss", "ann": "", "jürgen": "ß"}}
	code := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, c := range []struct{ name, value, user string }{
		{"right", "Basic " + code("joe:pa:ss"), "joe"},
		{"RFC 9110: the scheme in any case", "bAsIc  " + code("joe:pa:ss"), "joe"},
		{"an empty password", "Basic " + code("ann:"), "ann"},
		{"UTF-8", "Basic " + code("jürgen:ß"), "jürgen"},
		{"a wrong password", "Basic " + code("joe:pa:s"), ""},
		{"another's password", "Basic " + code("ann:pa:ss"), ""},
		{"an unknown user", "Basic " + code("jo:pa:ss"), ""},
		{"no colon", "Basic " + code("joe"), ""},
		{"no user", "Basic " + code(":pa:ss"), ""},
		{"a line end", "Basic " + code("joe:pa:ss\r\nX-Evil: 1"), ""},
		{"NUL", "Basic " + code("joe\x00:pa:ss"), ""},
		{"no credentials", "Basic ", ""},
		{"scheme only", "Basic", ""},
		{"another scheme", "Bearer " + code("joe:pa:ss"), ""},
		{"no padding", "Basic " + strings.TrimRight(code("joe:pa:ss"), "="), "joe"}, // nine bytes need none
		{"garbage", "Basic ????", ""},
		{"garbage behind", "Basic " + code("joe:pa:ss") + "=", ""},
		{"a second value", "Basic " + code("joe:pa:ss") + ", Basic x", ""},
		{"very long", "Basic " + code("joe:"+strings.Repeat("x", 5000)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := client(t, echo(BasicAuthUser, users)).Get("/", pipelinetest.Header("Authorization", c.value))
			if c.user != "" {
				res.AssertStatus(200).AssertBody(c.user)
				return
			}
			res.AssertStatus(401).AssertHeader("WWW-Authenticate", `Basic realm="a \"b\" \\c", charset="UTF-8"`)
		})
	}
	client(t, echo(BasicAuthUser, users)).Get("/").AssertStatus(401)
}

func TestBasicAuthCheck(t *testing.T) {
	onWorker := false
	check := func(user, password string) bool { return user == "joe" && password == "x" }
	for _, inline := range []bool{false, true} {
		app := echo(func(c *pipeline.Ctx) string { onWorker = c.OnWorker(); return BasicAuthUser(c) },
			&BasicAuth{Check: check, CheckInline: inline, Users: map[string]string{"ann": "y"}})
		app.ErrorHandler(401, func(c *pipeline.Ctx) error { return c.Text(401, "who? "+c.Err().Error()) })
		cl := client(t, app)
		cl.Get("/", pipelinetest.BasicAuth("joe", "x")).AssertBody("joe")
		if onWorker == inline {
			t.Errorf("inline %v: on a worker %v", inline, onWorker)
		}
		cl.Get("/", pipelinetest.BasicAuth("ann", "y")).AssertBody("ann")
		cl.Get("/", pipelinetest.BasicAuth("joe", "y")).AssertStatus(401).AssertBody("who? 401 Unauthorized").
			AssertHeader("WWW-Authenticate", `Basic realm="Restricted", charset="UTF-8"`)
	}
}

// What is no user name and password is not asked about.
func TestBasicAuthChecksWellFormedOnly(t *testing.T) {
	m := &BasicAuth{Check: func(user, password string) bool {
		if user == "" {
			t.Error("asked about nobody")
		}
		return true
	}, CheckInline: true}
	cl := client(t, echo(BasicAuthUser, m))
	cl.Get("/", pipelinetest.BasicAuth("joe", "")).AssertBody("joe")
	for _, user := range []string{"", "jo\x00e", "jo\r\ne", "joe\x7f", "\tjoe"} {
		cl.Get("/", pipelinetest.BasicAuth(user, "x")).AssertStatus(401)
		cl.Get("/", pipelinetest.BasicAuth("joe", user+"\x01")).AssertStatus(401)
	}
}

// An error page that does not come about must not let the request through.
func TestBasicAuthFailsClosed(t *testing.T) {
	for _, page := range []pipeline.Handler{
		func(*pipeline.Ctx) error { return nil },
		func(*pipeline.Ctx) error { return pipeline.ErrNotFound },
		func(*pipeline.Ctx) error { panic("page") },
	} {
		app := echo(func(*pipeline.Ctx) string { t.Error("the handler ran"); return "" }, &BasicAuth{Users: map[string]string{"a": "b"}})
		app.ErrorHandler(401, page)
		cl := client(t, app)
		cl.AllowErrors = true
		if status := cl.Get("/").Status; status < 400 {
			t.Errorf("status %d", status)
		}
	}
}

func TestBasicAuthLoading(t *testing.T) {
	compileError(t, "neither Users nor Check", &BasicAuth{})
	compileError(t, "cannot be a user name", &BasicAuth{Users: map[string]string{"a:b": ""}})
	compileError(t, "cannot be a user name", &BasicAuth{Users: map[string]string{"": ""}})
	compileError(t, "realm", &BasicAuth{Realm: "a\r\nb", Users: map[string]string{"a": ""}})
}
