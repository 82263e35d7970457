package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/cache"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// whose is the content of a version of a page: each is of another length, up to 400 KiB.
func whose(path, version string) string {
	text := path + "@" + version + "\n"
	var n int
	_, _ = fmt.Sscanf(path, "/%d", &n)
	return strings.Repeat(text, 1+(n%4)*(n%4)*(n%4)*1000)
}

// fickle is a peer whose pages change, and which fails in every way now and then.
func fickle(t testing.TB) *peer {
	const twice = "Date: first\r\nDate: second\r\nETag: \"other\"\r\nETag: \"third\"\r\n"
	var versions atomic.Int64
	return script(t, func(c *net.TCPConn, n int) {
		rnd, r := rand.New(rand.NewPCG(uint64(n), 5)), bufio.NewReader(c)
		for {
			req, _ := request(r)
			if req == nil {
				return
			}
			version := fmt.Sprint(versions.Add(1))
			body := whose(req.URL.Path, version)
			head := "HTTP/1.1 200 OK\r\nX-Accel-Expires: 1\r\nVary: X-Variant\r\nETag: \"" + version + "\"\r\nX-Version: " + version + "\r\n"
			switch rnd.IntN(12) {
			case 0:
				say(c, "HTTP/1.1 500 Internal Server Error\r\n"+twice+"Content-Length: 0\r\n\r\n")
			case 1:
				say(c, head+twice+"bad field\r\n\r\n")
				return
			case 2:
				say(c, fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(body)+10, body))
				return
			case 3:
				say(c, head+"Cache-Control: no-store\r\n"+fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
			case 4, 5, 6:
				say(c, head+fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nX: trailer\r\n\r\n", len(body), body))
			default:
				if req.Header.Get("If-None-Match") != "" {
					say(c, "HTTP/1.1 304 Not Modified\r\nX-Accel-Expires: 1\r\n"+twice+"\r\n")
					continue
				}
				say(c, fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(body), body))
			}
		}
	})
}

// background is the application of an update.
type background func(c *pipeline.Ctx) error

// Run fetches; see pipeline.Runner.
func (f background) Run(c *pipeline.Ctx) pipeline.Outcome {
	_ = f(c)
	if !c.Answered() {
		_ = c.NoContent(204)
	}
	return pipeline.Done
}

// caching is a location with a cache that is too small for its pages.
func caching(t *testing.T, updates bool, h **proxy.Handler) *proxy.Caching {
	zone, err := cache.Open(cache.Config{Name: t.Name(), KeysZone: 8192, Path: t.TempDir(), Levels: []int{1}, Memory: 64 << 10, EntryMemory: 8 << 10,
		OpenFiles: 4, MaxSize: 4 << 20, Inactive: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(zone.Close)
	field := func(name string) proxy.Value {
		return func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, c.Header(name)...) }
	}
	k := &proxy.Caching{Zone: zone, Key: func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, c.PathView()...) },
		Purge: []proxy.Value{field("X-Purge")}, Bypass: []proxy.Value{field("X-Bypass")}, MaxRangeOffset: -1,
		UseStale: proxy.StaleOn(proxy.OnError | proxy.OnInvalidHeader | proxy.On500 | proxy.OnUpdating),
		Lock:     true, LockTimeout: 500, LockAge: 500, Revalidate: true}
	if updates {
		k.Update = func(c *pipeline.Ctx, task *proxy.Task) error {
			return c.Background(pipeline.Subrequest{Path: c.PathView(), KeepMethod: true,
				App: background(func(sub *pipeline.Ctx) error { return (*h).Update(sub, task) })}, nil)
		}
	}
	return k
}

// browse asks for pages on one connection, reads the answers or leaves, and tells of one that is not what the peer sent.
func browse(t *testing.T, f *front, rnd *rand.Rand) {
	conn, err := net.Dial("tcp", f.addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	var paths []string
	var text strings.Builder
	for range 1 + rnd.IntN(5) {
		path := fmt.Sprintf("/%d", rnd.IntN(12))
		field := []string{"", "", "", "X-Variant: a\r\n", "X-Variant: b\r\n", "X-Bypass: 1\r\n"}[rnd.IntN(6)]
		if rnd.IntN(200) == 0 {
			field = "X-Purge: 1\r\n"
		}
		text.WriteString("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + field + "\r\n")
		paths = append(paths, path)
	}
	if say(conn, text.String()); rnd.IntN(3) == 0 {
		_ = conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, _ = io.CopyN(io.Discard, conn, int64(rnd.IntN(100<<10)))
		_ = conn.(*net.TCPConn).SetLinger(0)
		return
	}
	r := bufio.NewReader(conn)
	for _, path := range paths {
		resp, err := http.ReadResponse(r, &http.Request{Method: "GET"})
		if err != nil {
			return // an answer before it was cut
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return
		}
		version := resp.Header.Get("X-Version")
		if resp.StatusCode == 200 && string(body) != whose(path, version) {
			t.Errorf("%s, version %q: %d bytes, which differ at %d: %.80q", path, version, len(body), differs(string(body), whose(path, version)), body)
		}
	}
}

// Whatever becomes of entries, of those who fetch them and of those who wait for them, an answer is one that the peer gave, whole.
func TestCacheInAStorm(t *testing.T) {
	for _, worker := range []bool{false, true} {
		for _, updates := range []bool{false, true} {
			t.Run(fmt.Sprintf("worker %v, updates %v", worker, updates), func(t *testing.T) {
				t.Parallel()
				var h *proxy.Handler
				var mu sync.Mutex
				how := map[string]int{}
				logs := func(_ *pipeline.Ctx, _, text, _ string) {
					if strings.IndexByte(text, 0xdb) >= 0 {
						t.Errorf("%q", text)
					}
				}
				cfg := proxy.Config{Cache: caching(t, updates, &h), Log: logs, Next: proxy.OnError | proxy.OnInvalidHeader | proxy.On500, PassTrailers: true}
				ended := func(e *server.Entry) {
					upstreamVariables(t, e.Ctx)
					status, _ := proxy.AppendCacheStatus(e.Ctx, nil)
					mu.Lock()
					how[string(status)]++
					mu.Unlock()
				}
				f := start(t, options{cfg: cfg, worker: worker, reactors: 2, handler: &h, log: ended}, fickle(t))
				end := time.Now().Add(3 * time.Second) // so that entries become stale
				var all sync.WaitGroup
				for k := range 8 {
					all.Go(func() {
						for rnd := rand.New(rand.NewPCG(uint64(k), 1)); time.Now().Before(end); {
							browse(t, f, rnd)
						}
					})
				}
				all.Wait()
				mu.Lock()
				defer mu.Unlock()
				t.Log(how)
			})
		}
	}
}
