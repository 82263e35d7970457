package nethttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/nethttp"
)

// What http.StripPrefix leaves of a path is a path, whatever it looks like: the client cannot choose another host with it.
func TestPathBehindStripPrefix(t *testing.T) {
	a := quiet()
	a.Get("/{rest...}", func(c *pipeline.Ctx) error { return c.Text(200, c.Host()+" "+c.Path()) })
	chain, err := a.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ prefix, target, want string }{
		{"/p", "/p/x", "good /x"},
		{"/p/", "/p/x", "good /x"},
		{"/p/", "/p/http://evil/x", "good /http:/evil/x"},
		{"/p/", "/p//evil/x", "good /evil/x"},
		{"/p/", "/p/*", "good /*"},
		{"/p/", "/p/x%20y?z=1", "good /x y"},
	} {
		r := httptest.NewRequest("GET", tc.target, nil)
		r.Host = "good"
		w := httptest.NewRecorder()
		http.StripPrefix(tc.prefix, nethttp.NewServer(chain)).ServeHTTP(w, r)
		if got := w.Body.String(); w.Code != 200 || got != tc.want {
			t.Errorf("%s without %s: %d %q, want %q", tc.target, tc.prefix, w.Code, got, tc.want)
		}
	}
}
