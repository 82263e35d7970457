package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// An application that answers some routes itself and passes the others on. What chooses among groups of servers is Choose, what changes
// the head of the request are Fields, and what changes that of the response are hooks of the application, as for any handler.
func Example() {
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s asks for %s, from %s", r.Header.Get("X-Asked-By"), r.URL.Path, r.Header.Get("X-Real-IP"))
	}))
	defer behind.Close()

	up, err := proxy.To(behind.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := proxy.New(proxy.Config{Upstream: up, Fields: []proxy.Field{
		{Name: "X-Asked-By", Text: "wheelpit"},
		{Name: "X-Real-IP", Value: func(c *pipeline.Ctx, dst []byte) []byte { return c.Client().Addr().AppendTo(dst) }},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	app := pipeline.New()
	app.Get("/own", func(c *pipeline.Ctx) error { return c.Text(200, "my own") }, pipeline.Inline)
	app.Mount("/", h.Serve, pipeline.Inline)

	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app})
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
	}()
	for _, path := range []string{"/own", "/page"} {
		r, err := http.Get("http://" + s.Addrs()[0] + path)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		fmt.Printf("%d %s\n", r.StatusCode, body)
	}
	// Output:
	// 200 my own
	// 200 wheelpit asks for /page, from 127.0.0.1
}
