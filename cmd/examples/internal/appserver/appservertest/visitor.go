// Package appservertest is a visitor of a site for tests: a client with cookies, as a browser has.
package appservertest

import (
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/cmd/examples/internal/appserver"
)

// Visitor is a client of a site.
type Visitor struct {
	t    testing.TB
	at   string
	http http.Client
}

// Page is what a visitor gets.
type Page struct {
	Status int
	Header http.Header
	Body   string
	URL    string // where redirects led
	Pieces int    // how often reading brought something
	Took   time.Duration
}

// SkipMissing skips the test when err says that something is to be installed, and fails it for any other error.
func SkipMissing(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, appserver.ErrMissing):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
}

// Visit returns a new visitor of the site at addr.
func Visit(t testing.TB, addr string) *Visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Visitor{t: t, at: "http://" + addr, http: http.Client{Jar: jar, Timeout: time.Minute}}
}

// Get gets a page; fields are names and values of further request fields.
func (v *Visitor) Get(path string, fields ...string) Page {
	v.t.Helper()
	return v.do("GET", path, nil, fields...)
}

// PostForm sends a form.
func (v *Visitor) PostForm(path string, form url.Values, fields ...string) Page {
	v.t.Helper()
	return v.Post(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), fields...)
}

// Post sends a body.
func (v *Visitor) Post(path, contentType string, body io.Reader, fields ...string) Page {
	v.t.Helper()
	return v.do("POST", path, body, append(fields, "Content-Type", contentType)...)
}

func (v *Visitor) do(method, path string, body io.Reader, fields ...string) Page {
	v.t.Helper()
	r, err := http.NewRequest(method, v.at+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	began := time.Now()
	resp, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	p := Page{Status: resp.StatusCode, Header: resp.Header, URL: strings.TrimPrefix(resp.Request.URL.String(), v.at)}
	var text strings.Builder
	buf := make([]byte, 32<<10)
	for err == nil {
		var n int
		if n, err = resp.Body.Read(buf); n > 0 {
			p.Pieces++
			text.Write(buf[:n])
		}
	}
	if err != io.EOF {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	p.Body, p.Took = text.String(), time.Since(began)
	return p
}

// Cookie returns the value of a cookie.
func (v *Visitor) Cookie(name string) string {
	u, _ := url.Parse(v.at)
	for _, c := range v.http.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}
