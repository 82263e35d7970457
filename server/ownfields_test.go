package server

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/fasthttpadaptor"
	"github.com/wheelpit/wheelpit/pipeline/nethttp"
)

// Date, Server and Connection are sent once: the application's own when it has set them, and else the server's.
func TestFieldsOfTheApplicationsOwn(t *testing.T) {
	const day = "Mon, 01 Jan 2001 00:00:00 GMT"
	set := func(fields ...string) pipeline.Handler {
		return func(c *pipeline.Ctx) error {
			for i := 0; i < len(fields); i += 2 {
				_ = c.SetHeader(fields[i], fields[i+1])
			}
			return c.Text(200, "x")
		}
	}
	app := pipeline.New()
	app.Get("/none", set())
	app.Get("/all", set("date", day, "SERVER", "mine", "connection", "Close"))
	app.Get("/inline", set("Server", "mine"), pipeline.Inline)
	app.Get("/kept", set("Connection", "keep-alive", "Date", day))
	app.Get("/upgrade", set("Connection", "Upgrade"))
	app.Get("/deleted", func(c *pipeline.Ctx) error {
		_ = c.SetHeader("Date", day)
		c.DelHeader("Date")
		return c.Text(200, "x")
	})
	app.Get("/failed", func(c *pipeline.Ctx) error {
		_ = c.SetHeader("Server", "mine")
		return pipeline.ErrNotFound
	})
	app.Get("/net", nethttp.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", day)
		w.Header().Set("Server", "mine")
		w.Header().Set("Connection", "close")
		_, _ = fmt.Fprint(w, "x")
	}))
	app.Get("/netnone", nethttp.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Date"] = nil
		_, _ = fmt.Fprint(w, "x")
	}))
	app.Get("/fast", fasthttpadaptor.Handler(func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.SetServer("mine")
		ctx.SetConnectionClose()
		_, _ = ctx.WriteString("x")
	}))
	_, addr := start(t, app)
	for path, want := range map[string]string{
		"/none": "wheelpit now keep-alive", "/all": "mine 2001 close", "/inline": "mine now keep-alive", "/kept": "wheelpit 2001 keep-alive",
		"/upgrade": "wheelpit now keep-alive,Upgrade", "/deleted": "wheelpit now keep-alive", "/net": "mine 2001 close",
		"/netnone": "wheelpit none keep-alive", "/fast": "mine now close", "/failed": "wheelpit now keep-alive",
	} {
		conn := dial(t, addr)
		_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		_ = res.Body.Close()
		date := "now"
		switch dates := res.Header["Date"]; {
		case len(dates) == 0:
			date = "none"
		case len(dates) > 1:
			date = fmt.Sprint(dates)
		case dates[0] == day:
			date = "2001"
		}
		connection := strings.Join(res.Header["Connection"], ",")
		if res.Close { // which takes the field out
			connection = "close"
		}
		if got := fmt.Sprint(strings.Join(res.Header["Server"], ","), " ", date, " ", connection); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
