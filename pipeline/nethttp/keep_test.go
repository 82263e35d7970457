package nethttp_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/nethttp"
)

// stamped answers with a field whose value lies in the memory of the request.
func stamped(c *pipeline.Ctx) error {
	if err := c.SetHeaderBytes("X-Stamp", []byte(c.Query("v"))); err != nil {
		return err
	}
	return c.Text(200, "ok")
}

// What a net/http middleware reads from the header it may keep, as a cache does.
func TestMiddlewareKeepsFields(t *testing.T) {
	kept := make(chan string, 3)
	a := quiet()
	a.Use(nethttp.Middleware(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			kept <- w.Header().Get("X-Stamp")
		})
	}))
	a.Get("/", stamped)
	url := "http://" + serve(t, a)
	for _, v := range []string{"first", "other", "third"} {
		fetch(t, url+"/?v="+v)
	}
	for _, want := range []string{"first", "other", "third"} {
		if got := <-kept; got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
	}
}

// A handler of net/http may keep what Request hooks have set before it.
func TestHandlerKeepsFields(t *testing.T) {
	kept := make(chan string, 3)
	a := app(func(w http.ResponseWriter, _ *http.Request) { kept <- w.Header().Get("X-Stamp") },
		onRequest(func(c *pipeline.Ctx) error { return c.SetHeaderBytes("X-Stamp", []byte(c.Query("v"))) }))
	url := "http://" + serve(t, a)
	for _, v := range []string{"first", "other", "third"} {
		fetch(t, url+"/?v="+v)
	}
	for _, want := range []string{"first", "other", "third"} {
		if got := <-kept; got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
	}
}

// net/http's server writes the head of a short response when the handler has returned, when the next request may have the
// memory of this one.
func TestFieldsOutliveTheHandler(t *testing.T) {
	a := quiet()
	a.Get("/", stamped)
	chain, err := a.Compile()
	if err != nil {
		t.Fatal(err)
	}
	h := nethttp.NewServer(chain)
	var all []*httptest.ResponseRecorder
	want := []string{"first", "other", "third"}
	for _, v := range want {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/?v="+v, nil))
		all = append(all, w)
	}
	for i, w := range all {
		if got := w.Header().Get("X-Stamp"); got != want[i] {
			t.Errorf("%q instead of %q", got, want[i])
		}
	}
}

// A handler that TimeoutHandler left running finds the body closed and the Ctx gone; under -race, it touches neither.
func TestLeftBehind(t *testing.T) {
	const n = 50
	left := make(chan error, n)
	var answered [n]chan struct{} // one for each, since a handler may begin when the next request is there
	for i := range answered {
		answered[i] = make(chan struct{})
	}
	a := quiet()
	a.Handle("/", nethttp.Handler(http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(r.URL.RawQuery)
		if err != nil {
			left <- nil
			return
		}
		<-answered[i]
		_, err = r.Body.Read(make([]byte, 10))
		if nethttp.FromContext(r.Context()) != nil || r.Context().Value(http.LocalAddrContextKey) != nil {
			err = nil
		}
		left <- err
	}), time.Millisecond, "late")))
	addr := serve(t, a)
	for i := range n {
		res, err := http.Post("http://"+addr+"/?"+strconv.Itoa(i), "text/plain", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		close(answered[i])
	}
	for range n {
		if err := <-left; err == nil {
			t.Error("the request can be used still")
		}
	}
}

// No spelling of a name lets a handler frame its response twice, or send a name that is none.
func TestReservedFieldsInAnyCase(t *testing.T) {
	a := app(func(w http.ResponseWriter, _ *http.Request) {
		for _, name := range []string{"content-length", "transfer-encoding", "CONTENT-LENGTH", "X Y", "X-\tZ", "X:", "trailer"} {
			w.Header()[name] = []string{"3"}
		}
		w.Header()["connection"] = []string{"close"}
		w.Header()["date"] = []string{"4"}
		write(w, "hello")
	})
	out := ask(t, serve(t, a), "/", &exchangeCase{send: []string{getKeep}})
	head, body, _ := strings.Cut(out, "\r\n\r\n")
	lower := strings.ToLower(head)
	if body != "hello" || strings.Count(lower, "content-length:") != 1 || strings.Count(lower, "date:") != 1 ||
		strings.Count(lower, "connection:") != 1 || strings.Contains(lower, ": 3") || !strings.Contains(lower, "connection: close") {
		t.Errorf("got %q", out)
	}
}
