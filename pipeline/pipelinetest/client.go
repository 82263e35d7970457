package pipelinetest

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Client is a browser for one application: it remembers cookies. It is for one goroutine.
type Client struct {
	// Follow has redirects followed, as a browser does (301, 302 and 303 with GET; 307 and 308 with the same request).
	Follow bool
	// AllowErrors accepts error pages of status 500 for errors and panics of the application, which fail the test
	// otherwise (Django: raise_request_exception).
	AllowErrors bool
	// Defaults go in front of the options of every request.
	Defaults []Option
	// Jar keeps the cookies.
	Jar http.CookieJar

	tb    testing.TB
	chain *pipeline.Chain
}

// maxRedirects bounds the redirects followed for one request, as browsers do.
const maxRedirects = 20

// NewClient compiles app, which fails the test when it has errors, and returns a client for it.
func NewClient(tb testing.TB, app *pipeline.App) *Client {
	tb.Helper()
	chain, err := app.Compile()
	if err != nil {
		tb.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	return &Client{tb: tb, chain: chain, Jar: jar}
}

// Chain returns the compiled application.
func (cl *Client) Chain() *pipeline.Chain { return cl.chain }

// Get, Head, Post, Put, Patch, Delete and Options ask for target with that method.
func (cl *Client) Get(target string, opts ...Option) *Response {
	cl.tb.Helper()
	return cl.Do("GET", target, opts...)
}

// Head asks with HEAD; see Get.
func (cl *Client) Head(target string, opts ...Option) *Response {
	cl.tb.Helper()
	return cl.Do("HEAD", target, opts...)
}

// Post asks with POST; see Get. Content comes with one of the options Body, JSON, Form, Upload or Chunks.
func (cl *Client) Post(target string, opts ...Option) *Response {
	cl.tb.Helper()
	return cl.Do("POST", target, opts...)
}

// Put asks with PUT; see Post.
func (cl *Client) Put(target string, opts ...Option) *Response {
	cl.tb.Helper()
	return cl.Do("PUT", target, opts...)
}

// Patch asks with PATCH; see Post.
func (cl *Client) Patch(target string, opts ...Option) *Response {
	cl.tb.Helper()
	return cl.Do("PATCH", target, opts...)
}

// Delete asks with DELETE; see Get.
func (cl *Client) Delete(target string, opts ...Option) *Response {
	cl.tb.Helper()
	return cl.Do("DELETE", target, opts...)
}

// Options asks with OPTIONS; see Get.
func (cl *Client) Options(target string, opts ...Option) *Response {
	cl.tb.Helper()
	return cl.Do("OPTIONS", target, opts...)
}

// Do takes a request through the whole application and returns the response, its body read to the end.
func (cl *Client) Do(method, target string, opts ...Option) *Response {
	cl.tb.Helper()
	res := cl.once(method, target, opts)
	if !cl.Follow {
		return res
	}
	var history []*Response
	for next := res.Header.Get("Location"); next != "" && res.Status/100 == 3; next = res.Header.Get("Location") {
		if history = append(history, res); len(history) > maxRedirects {
			cl.tb.Fatalf("pipelinetest: %s %s: more than %d redirects", method, target, maxRedirects)
		}
		if method, opts = redirected(res.Status, method, opts); cl.leaves(next) {
			cl.tb.Fatalf("pipelinetest: %s %s leads to another host: %s", method, target, next)
		}
		base, err := url.Parse(res.Target)
		if err != nil {
			cl.tb.Fatal(err)
		}
		to, err := base.Parse(next)
		if err != nil {
			cl.tb.Fatalf("pipelinetest: Location %q: %v", next, err)
		}
		res = cl.once(method, to.RequestURI(), opts)
	}
	res.History = history
	return res
}

// redirected returns what a browser asks with after a redirect.
func redirected(status int, method string, opts []Option) (string, []Option) {
	if status == 307 || status == 308 || method == "HEAD" {
		return method, opts
	}
	return "GET", nil
}

// leaves tells whether a Location is of another host.
func (cl *Client) leaves(location string) bool {
	u, err := url.Parse(location)
	return err == nil && u.Host != "" && u.Host != cl.request("GET", "/", nil).host
}

func (cl *Client) request(method, target string, opts []Option) *request {
	return newRequest(method, target, append(cl.Defaults[:len(cl.Defaults):len(cl.Defaults)], opts...))
}

// once does one request.
func (cl *Client) once(method, target string, opts []Option) *Response {
	cl.tb.Helper()
	r := cl.request(method, target, opts)
	cl.addCookies(r)
	res, err := r.serve(cl.chain)
	if err != nil {
		cl.tb.Fatal(err)
	}
	res.tb = cl.tb
	cl.settle(r, res)
	return res
}

// addCookies adds those of the jar.
func (cl *Client) addCookies(r *request) {
	for _, ck := range cl.Jar.Cookies(cl.url(r)) {
		Cookie(ck.Name, ck.Value)(r)
	}
}

// settle keeps the cookies and fails the test for an error that nobody expected.
func (cl *Client) settle(r *request, res *Response) {
	cl.tb.Helper()
	if cookies := res.Cookies(); len(cookies) > 0 {
		cl.Jar.SetCookies(cl.url(r), cookies)
	}
	if res.Status == 500 && res.Err != nil && !cl.AllowErrors {
		cl.tb.Errorf("%s %s: %v", res.Method, res.Target, res.Err)
	}
}

func (cl *Client) url(r *request) *url.URL {
	u := &url.URL{Scheme: "http", Host: r.host, Path: "/"}
	if r.secure {
		u.Scheme = "https"
	}
	if path, _, _ := strings.Cut(r.target, "?"); strings.HasPrefix(path, "/") {
		u.Path = path
	}
	return u
}
