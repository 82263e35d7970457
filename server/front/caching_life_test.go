package front_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cached starts Wheelpit with a cache before a backend and returns its address and its directory.
func cached(t *testing.T, handler http.Handler, server string) (addr, dir string) {
	back := httptest.NewServer(handler)
	t.Cleanup(back.Close)
	dir = t.TempDir()
	p := ports(t, 3)
	text := `proxy_cache_path %DIR%/c levels=1 keys_zone=` + filepath.Base(dir) + strings.ReplaceAll(t.Name(), "/", "-") + `:1m;
		server { listen 127.0.0.1:%PORT%; proxy_cache ` + filepath.Base(dir) + strings.ReplaceAll(t.Name(), "/", "-") + `; proxy_cache_key $uri; proxy_cache_valid 200 206 1h;
		add_header X-Cache $upstream_cache_status always; ` + strings.ReplaceAll(server, "%BACK%", "http://"+back.Listener.Addr().String()) + ` }`
	startOurs(t, "1.22.1", dir, writeConf(t, dir, "ours", text, p))
	return "127.0.0.1:" + p[0], dir
}

// kept waits until the cache of a directory has n entries: an entry has its name when it is complete.
func kept(t *testing.T, dir string, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d entries", n), func() bool {
		entries, _ := filepath.Glob(filepath.Join(dir, "c", "?", "????????????????????????????????"))
		return len(entries) == n
	})
}

// fetchCached sends a GET and returns status, cache status and body.
func fetchCached(t *testing.T, addr, path string, fields ...string) (status int, cache string, body []byte) {
	t.Helper()
	req, _ := http.NewRequest("GET", "http://"+addr+path, nil)
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Error(err)
		return 0, "", nil
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, res.Header.Get("X-Cache"), body
}

// pieces answers with n pieces of 20,000 bytes and a pause behind each.
func pieces(asked *atomic.Int32, n int, pause time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Length", fmt.Sprint(n*20000))
		w.Header().Set("Accept-Ranges", "bytes")
		for i := range n {
			_, _ = w.Write(bytes.Repeat([]byte{byte('a' + i%26)}, 20000))
			w.(http.Flusher).Flush()
			time.Sleep(pause)
		}
	}
}

// TestClientLeavesWhileCaching: the entry is completed all the same, on the reactor and on a worker (where a filter streams).
func TestClientLeavesWhileCaching(t *testing.T) {
	t.Parallel()
	for name, conf := range map[string]string{
		"live":  "location / { proxy_pass %BACK%; }",
		"piped": "location / { proxy_pass %BACK%; sub_filter x y; sub_filter_types *; }",
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			addr, dir := cached(t, pieces(&asked, 10, 20*time.Millisecond), conf)
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(c, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
			_, _ = c.Read(make([]byte, 1000))
			_ = c.Close()
			kept(t, dir, 1)
			status, from, body := fetchCached(t, addr, "/a")
			if status != 200 || from != "HIT" || len(body) != 200000 || body[199999] != 'j' || asked.Load() != 1 {
				t.Errorf("%d %s %d bytes, asked %d times", status, from, len(body), asked.Load())
			}
		})
	}
}

// TestRangeWhileCaching: the client is done when it has its range; the entry is completed behind it.
func TestRangeWhileCaching(t *testing.T) {
	t.Parallel()
	for name, conf := range map[string]string{
		"live":  "location / { proxy_pass %BACK%; }",
		"piped": "location / { proxy_pass %BACK%; auth_request /none; } location /none { return 204; }",
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			hold := make(chan struct{}) // the rest of a body waits until its client has its range
			rest := pieces(&asked, 8, 0)
			addr, dir := cached(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "200000")
				w.Header().Set("Accept-Ranges", "bytes")
				_, _ = w.Write(bytes.Repeat([]byte("a"), 20000))
				_, _ = w.Write(bytes.Repeat([]byte("b"), 20000))
				w.(http.Flusher).Flush()
				<-hold
				rest(w, r)
			}), conf)
			status, from, body := fetchCached(t, addr, "/a", "Range: bytes=19990-20009")
			if status != 206 || from != "MISS" || string(body) != "aaaaaaaaaabbbbbbbbbb" {
				t.Errorf("%d %s %q", status, from, body)
			}
			// another one on the same connection, while the first body is still being read
			if status, _, body = fetchCached(t, addr, "/b", "Range: bytes=0-1"); status != 206 || string(body) != "aa" {
				t.Errorf("%d %q", status, body)
			}
			close(hold)
			kept(t, dir, 2)
			if status, from, body := fetchCached(t, addr, "/a"); status != 200 || from != "HIT" || len(body) != 200000 || asked.Load() != 2 {
				t.Errorf("%d %s %d bytes, asked %d times", status, from, len(body), asked.Load())
			}
		})
	}
}

// TestUpstreamBreaksWhileCaching: nothing is kept, and the client sees that it is cut.
func TestUpstreamBreaksWhileCaching(t *testing.T) {
	addr, _ := cached(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(make([]byte, 50000))
		panic(http.ErrAbortHandler)
	}), "location / { proxy_pass %BACK%; }")
	for range 2 {
		res, err := http.Get("http://" + addr + "/a")
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err == nil || res.Header.Get("X-Cache") != "MISS" {
			t.Errorf("%v %v", res.Header, err)
		}
	}
}

// TestLockedFill: of many requests at once one goes to the backend.
func TestLockedFill(t *testing.T) {
	var asked atomic.Int32
	addr, _ := cached(t, pieces(&asked, 5, 20*time.Millisecond), "location / { proxy_pass %BACK%; proxy_cache_lock on; proxy_cache_lock_timeout 60s; proxy_cache_lock_age 60s; }")
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if status, _, body := fetchCached(t, addr, "/a"); status != 200 || len(body) != 100000 {
				t.Errorf("%d %d bytes", status, len(body))
			}
		})
	}
	if all.Wait(); asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
}

// TestLockPassesOn: when the one that fills fails to, the next one asks.
func TestLockPassesOn(t *testing.T) {
	var asked atomic.Int32
	addr, _ := cached(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		if asked.Add(1) < 3 {
			w.WriteHeader(500)
		}
	}), "location / { proxy_pass %BACK%; proxy_cache_lock on; proxy_cache_lock_timeout 60s; proxy_cache_lock_age 60s; }")
	var all sync.WaitGroup
	var failed atomic.Int32
	for range 20 {
		all.Go(func() {
			if status, _, _ := fetchCached(t, addr, "/a"); status == 500 {
				failed.Add(1)
			}
		})
	}
	if all.Wait(); asked.Load() != 3 || failed.Load() != 2 {
		t.Errorf("asked %d times, %d failed", asked.Load(), failed.Load())
	}
}

// TestLockOfWhatIsNotKept: an answer that is not kept holds others up until its head is there, not until its end.
func TestLockOfWhatIsNotKept(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]map[string]string{
		"private":  {"Cache-Control": "private"},
		"redirect": {"Location": "/elsewhere"},
		"accel":    {"X-Accel-Expires": "0"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			over := make(chan struct{})
			end := sync.OnceFunc(func() { close(over) })
			addr, _ := cached(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for name, value := range fields {
					w.Header().Set(name, value)
				}
				if name == "redirect" {
					w.WriteHeader(302)
				}
				if asked.Add(1) == 1 {
					w.(http.Flusher).Flush()
					<-over
				}
			}), "location / { proxy_pass %BACK%; proxy_cache_lock on; proxy_cache_lock_timeout 1h; proxy_cache_lock_age 1h; }")
			late := time.AfterFunc(time.Minute, func() { t.Error("two requests waited for the end of the first"); end() })
			defer late.Stop()
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					if fetchCached(t, addr, "/a"); asked.Load() == 3 {
						end()
					}
				})
			}
			if all.Wait(); asked.Load() != 3 {
				t.Errorf("asked %d times", asked.Load())
			}
		})
	}
}

// TestPurge removes one key, and all that begin alike.
func TestPurge(t *testing.T) {
	var asked atomic.Int32
	addr, dir := cached(t, pieces(&asked, 1, 0), "location / { proxy_pass %BACK%; proxy_cache_purge $http_x_purge; }")
	files := func() (n int) {
		_ = filepath.WalkDir(dir+"/c", func(_ string, e os.DirEntry, _ error) error {
			if e.Type().IsRegular() {
				n++
			}
			return nil
		})
		return n
	}
	for _, path := range []string{"/a/1", "/a/2", "/b"} {
		fetchCached(t, addr, path)
	}
	kept(t, dir, 3)
	for _, c := range []struct {
		path   string
		status int
	}{{"/b", 204}, {"/b", 404}, {"/a/*", 204}, {"/a/*", 404}} {
		if status, _, _ := fetchCached(t, addr, c.path, "X-Purge: 1"); status != c.status {
			t.Errorf("purge of %s: %d, want %d", c.path, status, c.status)
		}
	}
	if n := files(); n != 0 {
		t.Errorf("%d files are left", n)
	}
	if _, from, _ := fetchCached(t, addr, "/a/1"); from != "MISS" {
		t.Error(from)
	}
}

// TestHeadIsNoGet: what HEAD was answered with has the length that was said. A GET that proxy_cache_key does not tell from it fails:
// nobody takes nothing for the whole.
func TestHeadIsNoGet(t *testing.T) {
	back := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		_, _ = io.WriteString(w, "whole")
	})
	addr, _ := cached(t, back, "location / { proxy_cache_convert_head off; proxy_pass %BACK%; proxy_cache_purge $http_x_purge; }")
	ask := func(method, want string) {
		t.Helper()
		req, _ := http.NewRequest(method, "http://"+addr+"/a", nil)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if res.StatusCode >= 400 {
			body, res.ContentLength = nil, int64(res.StatusCode)
		}
		if got := fmt.Sprintf("%s %d %q", res.Header.Get("X-Cache"), res.ContentLength, body); got != want || err != nil {
			t.Errorf("%s: %s %v, want %s", method, got, err, want)
		}
	}
	ask("HEAD", `MISS 5 ""`)
	ask("HEAD", `HIT 5 ""`)
	ask("GET", `HIT 502 ""`)
	if status, _, _ := fetchCached(t, addr, "/a", "X-Purge: 1"); status != 204 {
		t.Error(status)
	}
	ask("GET", `MISS 5 "whole"`)
	ask("HEAD", `HIT 5 ""`)
}

// TestLargeEntry: 100 MiB come from the file, whole and in ranges.
func TestLargeEntry(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 100 MiB")
	}
	const size = 100 << 20
	block := make([]byte, 1<<20)
	for i := range block {
		block[i] = byte(i * i >> 7)
	}
	addr, dir := cached(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(size))
		w.Header().Set("Accept-Ranges", "bytes")
		for i := range size >> 20 {
			block[0] = byte(i)
			_, _ = w.Write(block)
		}
	}), "location / { proxy_pass %BACK%; }")
	sum := func(want string) (h [32]byte) {
		res, err := http.Get("http://" + addr + "/a")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		s := sha256.New()
		n, err := io.Copy(s, bufio.NewReaderSize(res.Body, 1<<20))
		if from := res.Header.Get("X-Cache"); err != nil || n != size || from != want {
			t.Errorf("%s: %d bytes, %v", from, n, err)
		}
		s.Sum(h[:0])
		return h
	}
	first := sum("MISS")
	kept(t, dir, 1)
	eventually(t, "a hit", func() bool { // the file has its name a moment before the zone knows of it
		_, from, _ := fetchCached(t, addr, "/a", "Range: bytes=0-0")
		return from == "HIT"
	})
	if sum("HIT") != first {
		t.Error("the entry is another body")
	}
	status, from, body := fetchCached(t, addr, "/a", "Range: bytes=73400320-73400321")
	if status != 206 || from != "HIT" || len(body) != 2 || body[0] != 70 {
		t.Errorf("%d %s %v", status, from, body)
	}
}

// TestUnwritableDirectory: what cannot be written is answered all the same.
func TestUnwritableDirectory(t *testing.T) {
	var asked atomic.Int32
	addr, dir := cached(t, pieces(&asked, 100, 0), "location / { proxy_pass %BACK%; }") // more than is kept in memory
	if err := os.RemoveAll(dir + "/c"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/c", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if status, _, body := fetchCached(t, addr, "/a"); status != 200 || len(body) != 2000000 {
			t.Errorf("%d %d bytes", status, len(body))
		}
	}
}

// TestSlicesCached: slices are entries of their own; a body is made of those that are there and those that are not.
func TestSlicesCached(t *testing.T) {
	text := strings.Repeat("0123456789", 10)
	var asked atomic.Int32
	addr, _ := cached(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("ETag", `"x"`)
		http.ServeContent(w, r, "a.txt", time.Unix(1e9, 0), strings.NewReader(text))
	}), "location / { slice 20; proxy_cache_key $uri$slice_range; proxy_set_header Range $slice_range; proxy_pass %BACK%; }")
	for _, c := range []struct {
		field, body, from string
		status            int
		asked             int32
	}{
		{"Range: bytes=25-29", text[25:30], "MISS", 206, 1},
		{"Range: bytes=30-50", text[30:51], "HIT", 206, 2},
		{"X: y", text, "MISS", 200, 5},
		{"X: y", text, "HIT", 200, 5},
		{`If-None-Match: "x"`, "", "HIT", 304, 5},
	} {
		status, from, body := fetchCached(t, addr, "/a", c.field)
		if status != c.status || from != c.from || string(body) != c.body || asked.Load() != c.asked {
			t.Errorf("%s: %d %s %q, asked %d times", c.field, status, from, body, asked.Load())
		}
	}
}

// TestStatusTextOfConditions: what the request's conditions made of the upstream's 200 is not called OK.
func TestStatusTextOfConditions(t *testing.T) {
	addr, _ := cached(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Accept-Ranges", "bytes")
		_, _ = io.WriteString(w, "0123456789")
	}), "location / { proxy_pass %BACK%; }")
	for i, c := range []struct{ field, want string }{
		{`If-None-Match: "x"`, "304 Not Modified"}, {"Range: bytes=1-2", "206 Partial Content"}, {`If-Match: "y"`, "412 Precondition Failed"}, {"A: b", "200 OK"},
	} {
		for _, from := range []string{"MISS", "HIT"} {
			req, _ := http.NewRequest("GET", fmt.Sprintf("http://%s/%d", addr, i), nil)
			name, value, _ := strings.Cut(c.field, ": ")
			req.Header.Set(name, value)
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.Status != c.want || res.Header.Get("X-Cache") != from {
				t.Errorf("%s: %s, %s, not %s, %s", c.field, res.Status, res.Header.Get("X-Cache"), c.want, from)
			}
		}
	}
}
