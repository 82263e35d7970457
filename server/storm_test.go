package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// storm is a middleware with every hook, which misbehaves as the query of the request says: "at=view&do=panic".
type storm struct {
	name   string
	worker bool
	file   string
}

func (m *storm) NeedsWorker() bool { return m.worker }

func (m *storm) act(c *pipeline.Ctx, hook string) error {
	if c.Query("at") != m.name+"."+hook {
		return nil
	}
	return misbehave(c, m.file)
}

func misbehave(c *pipeline.Ctx, file string) error {
	switch c.Query("do") {
	case "answer":
		return c.Text(200, "answered")
	case "write":
		_, err := c.Write([]byte("written"))
		return err
	case "error":
		_ = c.Text(200, "never seen")
		return errors.New("on purpose")
	case "panic":
		c.AddPart(pipeline.Part{Bytes: []byte("never seen")})
		panic("on purpose")
	case "abort":
		pipeline.Abort()
	case "clear":
		c.ClearResponse()
	case "render":
		return c.Render(200, renderer(func(c *pipeline.Ctx) error { _, err := c.Write([]byte("rendered")); return err }))
	case "badrender":
		return c.Render(200, renderer(func(c *pipeline.Ctx) error { _, _ = c.Write([]byte("x")); panic("on purpose") }))
	case "file":
		if c.OnWorker() {
			return c.SendFile("text/plain", file)
		}
	case "filepanic":
		if c.OnWorker() {
			_ = c.SendFile("text/plain", file)
			panic("on purpose")
		}
	case "stream":
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error { _, err := s.Write([]byte("streamed")); return err })
	case "context":
		c.SetDeadline(time.Now().Add(time.Minute))
		ctx := c.Context()
		go func() { <-ctx.Done() }()
		c.OnClose(func() { panic("dropped") })
	case "body":
		_, _ = c.BodyReader().Read(make([]byte, 3))
	case "status":
		c.SetStatus(204)
	}
	return nil
}

func (m *storm) ProcessRequest(c *pipeline.Ctx) error                 { return m.act(c, "request") }
func (m *storm) ProcessView(c *pipeline.Ctx, _ *pipeline.Route) error { return m.act(c, "view") }
func (m *storm) ProcessException(c *pipeline.Ctx, _ error) error      { return m.act(c, "exception") }
func (m *storm) ProcessTemplateResponse(c *pipeline.Ctx) error        { return m.act(c, "template") }
func (m *storm) ProcessResponse(c *pipeline.Ctx) error {
	if err := m.act(c, "response"); err != nil {
		return err
	}
	return c.AddHeader("Seen", m.name)
}

// stormApp has handlers of every kind behind three middleware, and again in a mounted application.
func stormApp(file string, counts *[3]atomic.Int64) *pipeline.App {
	handlers := func(app *pipeline.App) {
		for _, inline := range []string{"inline", "worker"} {
			opts := []pipeline.RouteOption{}
			if inline == "inline" {
				opts = append(opts, pipeline.Inline)
			}
			app.Handle("/"+inline+"/{x}", func(c *pipeline.Ctx) error {
				if c.Query("at") == "handler" {
					if err := misbehave(c, file); err != nil || c.Answered() {
						return err
					}
				}
				return c.Text(200, "id="+c.Query("id"))
			}, opts...)
			app.Handle("/"+inline+"/body/{x}", func(c *pipeline.Ctx) error {
				b, err := c.Body()
				if err != nil {
					return err
				}
				return c.Bytes(200, "text/plain", b)
			}, opts...)
			app.Handle("/"+inline+"/offload/{x}", func(c *pipeline.Ctx) error {
				if !c.OnWorker() {
					_ = c.Text(200, "too early")
					return pipeline.ErrOffload
				}
				return c.SendFile("text/plain", file)
			}, opts...)
		}
	}
	sub := pipeline.New()
	sub.Logger = slog.New(slog.DiscardHandler)
	sub.Use(&storm{"S", false, file}, &storm{"T", true, file})
	handlers(sub)
	app := pipeline.New()
	app.Logger = slog.New(slog.DiscardHandler)
	app.Use(&storm{"A", false, file}, &storm{"B", true, file}, &storm{"C", false, file})
	handlers(app)
	app.MountApp("/sub/", sub)
	app.OnStart(func(*pipeline.Ctx) { counts[0].Add(1) })
	app.OnFinish(func(c *pipeline.Ctx) { counts[1].Add(int64(min(c.Res().Status, 1))) })
	return app
}

// stormRequests are all combinations of who misbehaves how and where, of the methods and bodies they are asked with.
func stormRequests() (all []string) {
	id := 0
	for _, path := range []string{"/inline/x", "/worker/x", "/inline/body/x", "/worker/body/x", "/inline/offload/x", "/worker/offload/x", "/sub/inline/x", "/sub/worker/x", "/sub/inline/body/x"} {
		for _, who := range []string{"A", "B", "C", "S", "T"} {
			for _, hook := range []string{"request", "view", "exception", "template", "response"} {
				for _, do := range []string{"answer", "write", "error", "panic", "abort", "clear", "render", "badrender", "file", "filepanic", "stream", "context", "body", "status"} {
					id++
					if id%7 != 0 && !strings.HasPrefix(path, "/inline/x") {
						continue
					}
					target := fmt.Sprintf("%s?at=%s.%s&do=%s&id=%d", path, who, hook, do, id)
					all = append(all, target)
				}
			}
		}
		for _, do := range []string{"error", "panic", "abort", "render", "badrender", "file", "filepanic", "stream", "context", "body", "status"} {
			all = append(all, fmt.Sprintf("%s?at=handler&do=%s&id=h", path, do))
		}
	}
	return all
}

// bodies are the ways of content; each is the fields and the bytes behind the head.
var bodies = []string{
	"GET\x00\r\n", "HEAD\x00\r\n",
	"POST\x00Content-Length: 6\r\n\r\n123456",
	"POST\x00Transfer-Encoding: chunked\r\n\r\n2\r\n12\r\n4\r\n3456\r\n0\r\nTrailer: x\r\n\r\n",
}

// Whatever hooks and handlers do, every request is answered once or its connection ends, what stands behind it in the
// pipeline gets its own answer, nothing is left behind, and the server goes on.
func TestStorm(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("the file"), 0o600); err != nil {
		t.Fatal(err)
	}
	var counts [3]atomic.Int64
	srv, addr := start(t, stormApp(file, &counts), func(c *Config) {
		c.Reactors, c.Workers = 2, 4
		c.AccessLog = func(e *Entry) { counts[2].Add(1); _ = string(e.Target) + e.Ctx.Path() }
	})
	_ = srv
	requests := stormRequests()
	if testing.Short() {
		requests = requests[:len(requests)/8]
	}
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	work := make(chan string)
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for target := range work {
				for _, b := range bodies {
					stormOne(t, addr, target, b)
				}
			}
		}()
	}
	for _, r := range requests {
		work <- r
	}
	close(work)
	wg.Wait()
	until(t, fmt.Sprintf("no more open files than the %d before", files), func() bool { return openFiles(t) <= files+4 })
	until(t, fmt.Sprintf("no more goroutines than the %d before and the workers", goroutines), func() bool { return runtime.NumGoroutine() <= goroutines+12 })
	t.Logf("%d started, %d finished, %d logged", counts[0].Load(), counts[1].Load(), counts[2].Load())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

// stormOne asks for target between two requests whose answers are known.
func stormOne(t *testing.T, addr, target, body string) {
	method, content, _ := strings.Cut(body, "\x00")
	const known = "GET /inline/x?id=first HTTP/1.1\r\nHost: a\r\n\r\n"
	last := strings.NewReplacer("first", "last", "Host: a", "Host: a\r\nConnection: close").Replace(known)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = io.WriteString(conn, known+method+" "+target+" HTTP/1.1\r\nHost: a\r\n"+content+last)
	b, err := io.ReadAll(conn)
	out := string(b)
	if err != nil {
		t.Errorf("%s %s: %v after %q", method, target, err, out)
		return
	}
	r := bufio.NewReader(strings.NewReader(out))
	var got []string
	for i, m := range []string{"GET", method, "GET"} {
		res, err := http.ReadResponse(r, &http.Request{Method: m})
		if err != nil {
			break
		}
		b, err := io.ReadAll(res.Body)
		if err != nil {
			got = append(got, "broken off")
			break
		}
		if res.StatusCode < 200 {
			t.Errorf("%s %s: status %d", method, target, res.StatusCode)
		}
		got = append(got, string(b))
		if i == 1 && res.Close {
			break
		}
	}
	rest, _ := io.ReadAll(r)
	if len(rest) > 0 || len(got) == 0 || got[0] != "id=first" || len(got) == 3 && got[2] != "id=last" {
		t.Errorf("%s %s: %q, and %q, in %q", method, target, got, rest, out)
		return
	}
	if len(got) == 1 && !strings.Contains(target, "abort") {
		t.Errorf("%s %s is not answered: %q", method, target, out)
	}
	for i, b := range got {
		if strings.Contains(b, "never") || strings.Contains(b, "early") || i == 1 && method == "HEAD" && b != "" {
			t.Errorf("%s %s: %q", method, target, b)
		}
	}
}

// openFiles counts the descriptors of this process.
func openFiles(t *testing.T) int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(list)
}
