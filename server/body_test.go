package server

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// A stream that reads a body which was dropped before it began is told so; it does not find it empty.
func TestStreamReadsADroppedBody(t *testing.T) {
	app := testApp()
	called := make(chan struct{}, 1)
	app.Post("/stream/echo", func(c *pipeline.Ctx) error {
		called <- struct{}{}
		if c.Query("duplex") != "" {
			_ = c.EnableFullDuplex()
		}
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_, err := io.Copy(s, c.BodyReader())
			return err
		})
	})
	_, addr := start(t, app)
	for path, whole := range map[string]bool{"/stream/echo": false, "/stream/echo?duplex=1": true} {
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo")
		<-called // a body that is there as a whole before the handler runs is not dropped
		_, _ = io.WriteString(conn, "dyGET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		out, _ := io.ReadAll(conn)
		res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(out)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(res.Body); (err == nil) != whole || whole != (string(b) == "body") || whole != bytes.Contains(out, []byte(" 404 ")) {
			t.Errorf("%s: %q, %v", path, b, err)
		}
	}
}

// A handler that goes on reading behind an error of the body gets the same one for ever, and the connection ends: what
// stands behind a piece that was lost must not be taken for the next request.
func TestBodyErrorsLast(t *testing.T) {
	app := testApp()
	reading := func(c *pipeline.Ctx) error {
		c.SetBodyLimit(8)
		var first error
		for range 100 {
			_, err := c.BodyReader().Read(make([]byte, 64))
			switch {
			case err == nil:
			case first == nil:
				first = err
			case !errors.Is(err, first):
				return c.Text(500, "another error: "+err.Error())
			}
		}
		return c.Text(200, "read")
	}
	app.Post("/read", reading)
	_, addr := start(t, app)
	const smuggled = "GET /inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	for _, chunks := range []string{"9\r\n123456789\r\n0\r\n\r\n", "x\r\n\r\n0\r\n\r\n", "1\r\n1x\r\n0\r\n\r\n", "3\r\n123\r\n8\r\n0\r\n\r\n"} {
		for cut := range len(chunks) {
			out := exchangeRaw(t, addr, "POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"+chunks[:cut], chunks[cut:]+smuggled)
			wrong := strings.Contains(chunks, "x") && strings.HasPrefix(out, "HTTP/1.1 400 ") // it was here with the head
			if chunks[0] == '9' && strings.Count(out, "HTTP/1.1 ") == 2 && strings.Contains(out, "readHTTP") {
				continue // too long for the handler but framed well: when it was here with the head, the next request is one
			}
			if strings.Count(out, "HTTP/1.1 ") != 1 || !strings.HasSuffix(out, "read") && !wrong {
				t.Errorf("%q: %q", chunks, out)
			}
		}
	}
}

// A body in chunks that nobody reads is dropped, wherever it is cut, and the request behind it is answered. One that is
// wrong ends the connection behind its answer.
func TestUnreadChunksAreDropped(t *testing.T) {
	_, addr := start(t, testApp())
	const head, next = "POST /inline HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n", "GET /inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	const body = "3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nTrailer: t\r\n\r\n"
	for cut := range len(body) {
		out := exchangeRaw(t, addr, head+"\r\n"+body[:cut], body[cut:]+next)
		if strings.Count(out, "HTTP/1.1 ") != 2 || strings.Count(out, "Connection: close") != 1 {
			t.Errorf("cut at %d: %q", cut, out)
		}
	}
	long := strings.Repeat("1000\r\n"+strings.Repeat("x", 0x1000)+"\r\n", 100)
	for _, bad := range []string{long + "1000\n\r\n", "x\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n"} {
		if out := exchangeRaw(t, addr, head+"\r\n"+bad+next); strings.Count(out, "HTTP/1.1 ") != 1 {
			t.Errorf("%.20q: %q", bad, out)
		}
	}
	if out := exchangeRaw(t, addr, head+"Expect: 100-continue\r\n\r\n"); strings.Count(out, "HTTP/1.1 ") != 1 || !strings.Contains(out, "Connection: close") {
		t.Errorf("a client that waits for 100: %q", out)
	}
}

// A handler that asked for both directions at once, and then neither reads nor streams, leaves a body behind: it is dropped, or the
// connection ends. It is never taken for the next request.
func TestUnreadBodyOfFullDuplex(t *testing.T) {
	app := testApp()
	called := make(chan struct{}, 1)
	app.Post("/duplex", func(c *pipeline.Ctx) error {
		_ = c.EnableFullDuplex()
		called <- struct{}{}
		return c.Text(200, "unread")
	})
	_, addr := start(t, app)
	const smuggled = "GET /inline HTTP/1.1\r\nHost: a\r\n\r\n"
	for _, framing := range []string{"Content-Length: " + strconv.Itoa(len(smuggled)) + "\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1\r\n"} {
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, "POST /duplex HTTP/1.1\r\nHost: a\r\n"+framing)
		<-called
		_, _ = io.WriteString(conn, smuggled+"GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		out, _ := io.ReadAll(conn)
		if !bytes.HasPrefix(out, []byte("HTTP/1.1 200 OK\r\n")) || bytes.Count(out, []byte("HTTP/1.1 200")) != 1 {
			t.Errorf("%q: %q", framing, out)
		}
	}
}
