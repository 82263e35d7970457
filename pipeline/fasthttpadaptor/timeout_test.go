package fasthttpadaptor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/wheelpit/wheelpit/pipeline/fasthttpadaptor"
)

// What TimeoutHandler leaves running knows its own client still, and reaches no other request any more.
func TestLeftBehind(t *testing.T) {
	const n = 20
	left := make(chan string, n)
	var answered [n]chan struct{} // that a request is over is what its handler waits for
	for i := range answered {
		answered[i] = make(chan struct{})
	}
	a := quiet()
	a.Handle("/", fasthttpadaptor.Handler(fasthttp.TimeoutHandler(func(ctx *fasthttp.RequestCtx) {
		before := ctx.RemoteAddr().String()
		<-answered[ctx.QueryArgs().GetUintOrZero("n")]
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
	for i := range n {
		if out := ask(t, addr, fmt.Sprint("/?n=", i), get); !strings.HasPrefix(out, "HTTP/1.1 408 ") || !strings.HasSuffix(out, "late") {
			t.Fatalf("got %q", out)
		}
		close(answered[i])
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
