package fasthttpadaptor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/wheelpit/wheelpit/pipeline/fasthttpadaptor"
)

// What TimeoutHandler leaves running knows its own client still, and reaches no other request any more.
func TestLeftBehind(t *testing.T) {
	left := make(chan string, 100)
	a := quiet()
	a.Handle("/", fasthttpadaptor.Handler(fasthttp.TimeoutHandler(func(ctx *fasthttp.RequestCtx) {
		before := ctx.RemoteAddr().String()
		time.Sleep(100 * time.Millisecond)
		for range 1000 {
			if after := ctx.RemoteAddr().String(); after != before {
				left <- before + " has become " + after
				return
			}
		}
		ctx.Request.Header.Set("Link", "</x>")
		if err := ctx.Conn().SetReadDeadline(time.Now()); err == nil {
			left <- "the deadline of another request was set"
		}
		if _, err := ctx.Conn().Write([]byte("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")); err == nil {
			left <- "early hints went to another request"
		}
		left <- ""
	}, time.Millisecond, "late")))
	addr := serve(t, a)
	const n = 20
	for range n {
		if out := ask(t, addr, "/", get); !strings.HasPrefix(out, "HTTP/1.1 408 ") || !strings.HasSuffix(out, "late") {
			t.Fatalf("got %q", out)
		}
	}
	for range n {
		select {
		case problem := <-left:
			if problem != "" {
				t.Fatal(problem)
			}
		case <-time.After(time.Minute):
			t.Fatal("a handler has not ended")
		}
	}
}
