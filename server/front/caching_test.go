package front_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// scripted is a backend that answers as the request's X-Answer says: a status and fields, with "&" between them, and the words
// chunked, abort (the connection breaks in the middle of the body), long (20,000 bytes) and ask (304 when the validator fits).
// The body tells how often the path was asked for, so it tells where an answer came from.
func scripted() http.Handler {
	var mu sync.Mutex
	count := map[string]int{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		count[r.URL.Path]++
		body := fmt.Sprintf("%s %d range=%q;", r.URL.Path, count[r.URL.Path], r.Header.Get("Range"))
		mu.Unlock()
		status, chunked, abort, ask := 200, false, false, false
		w.Header().Set("Content-Type", "text/plain")
		for _, word := range strings.Split(r.Header.Get("X-Answer"), "&") {
			name, value, field := strings.Cut(word, ": ")
			n, err := strconv.Atoi(word)
			switch {
			case field:
				w.Header().Add(name, value)
			case err == nil:
				status = n
			case word == "chunked":
				chunked = true
			case word == "abort":
				abort = true
			case word == "long":
				body += strings.Repeat("0123456789", 2000)
			case word == "ask":
				ask = true
			case word == "slow":
				time.Sleep(300 * time.Millisecond)
			}
		}
		if ask && (r.Header.Get("If-None-Match") != "" && r.Header.Get("If-None-Match") == w.Header().Get("ETag") ||
			r.Header.Get("If-Modified-Since") != "" && r.Header.Get("If-Modified-Since") == w.Header().Get("Last-Modified")) {
			status = 304
		}
		if status != 304 && status != 204 && !chunked {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
		w.WriteHeader(status)
		if status == 304 || status == 204 || r.Method == "HEAD" {
			return
		}
		if abort {
			_, _ = io.WriteString(w, body[:len(body)/2])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, body)
		if chunked {
			w.(http.Flusher).Flush()
		}
	})
}

// cachingConf is for both servers; %s is the address of the backend.
const cachingConf = `
	proxy_cache_path %%DIR%%/%s levels=1:2 keys_zone=z:1m inactive=1h;
	upstream b { server %s; }
	server {
		listen 127.0.0.1:%%PORT%%;
		proxy_cache z; proxy_cache_key $uri$is_args$args; proxy_set_header Connection ""; proxy_http_version 1.1;
		proxy_next_upstream off;
		add_header X-Cache $upstream_cache_status always;
		location /plain/ { proxy_pass http://b; }
		location /valid/ { proxy_pass http://b; proxy_cache_valid 200 302 1s; proxy_cache_valid 404 1m; proxy_cache_valid any 2m; }
		location /hour/ { proxy_pass http://b; proxy_cache_valid 200 206 1h; }
		location /stale/ { proxy_pass http://b; proxy_cache_valid 200 1s; proxy_cache_use_stale error timeout invalid_header http_500 http_404 http_429; }
		location /bg/ { proxy_pass http://b; proxy_cache_valid 200 1s; proxy_cache_use_stale updating http_500; proxy_cache_background_update on; }
		location ~ ^/re/(?<name>[a-z]+)/(.*)$ { proxy_pass http://b/captured/$name/$2; proxy_cache_valid 200 1s; proxy_cache_use_stale updating; proxy_cache_background_update on; }
		location /reval/ { proxy_pass http://b; proxy_cache_valid 200 1s; proxy_cache_revalidate on; }
		location /revalhead/ { proxy_pass http://b; proxy_cache_revalidate on; }
		location /min/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_cache_min_uses 2; }
		location /ignore/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_ignore_headers Cache-Control Expires; proxy_ignore_headers Set-Cookie Vary X-Accel-Expires; }
		location /post/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_cache_methods POST; proxy_cache_key $uri$request_body; }
		location /bypass/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_cache_bypass $http_x_bypass; proxy_no_cache $http_x_no; }
		location /lock/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_cache_lock on; }
		location /head/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_cache_convert_head off; proxy_cache_key $request_method$uri; }
		location /intercept/ { proxy_pass http://b; proxy_cache_valid 200 404 1h; proxy_intercept_errors on; error_page 404 500 = @other; }
		location @other { return 203 other; }
		location /offset/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_cache_max_range_offset 5; }
		location /zero/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_cache_max_range_offset 0; }
		location /force/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_force_ranges on; }
		location /forced/ { proxy_pass http://b; proxy_cache off; proxy_force_ranges on; }
		location /gzip/ { proxy_pass http://b; proxy_cache_valid 200 1h; gzip on; gzip_types text/plain; gzip_min_length 1; gzip_proxied any; }
		location /unbuffered/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_buffering off; }
		location /down/ { proxy_pass http://127.0.0.1:1; proxy_cache_valid 502 1h; }
		location /hide/ { proxy_pass http://b; proxy_cache_valid 200 1h; proxy_hide_header X-Secret; }
		location /ims/ { proxy_pass http://b; proxy_cache_valid 200 1h; if_modified_since before; }
		location /maxranges/ { proxy_pass http://b; proxy_cache_valid 200 1h; max_ranges 1; }
	}
`

const (
	past   = "Thu, 01 Jan 1970 00:00:01 GMT"
	monday = "Mon, 28 Sep 2020 06:00:00 GMT"
	later  = "Tue, 29 Sep 2020 06:00:00 GMT"
)

// sequences are sent to both servers, each in its order. A step is "METHOD PATH | field | field", or "wait".
var sequences = [][]string{
	{"GET /plain/a", "GET /plain/a"},
	{"GET /plain/b | X-Answer: Cache-Control: max-age=60", "GET /plain/b", "HEAD /plain/b", "GET /plain/b | Range: bytes=2-4"},
	{"GET /plain/c | X-Answer: Cache-Control: max-age=1", "GET /plain/c", "wait", "GET /plain/c"},
	{"GET /plain/d | X-Answer: Cache-Control: s-maxage=60, max-age=1", "wait", "GET /plain/d"},
	{"GET /plain/e | X-Answer: Cache-Control: no-cache", "GET /plain/e"},
	{"GET /plain/f | X-Answer: Cache-Control: private, max-age=60", "GET /plain/f"},
	{"GET /plain/g | X-Answer: Cache-Control: max-age=0", "GET /plain/g"},
	{"GET /plain/h | X-Answer: Expires: " + past, "GET /plain/h"},
	{"GET /plain/i | X-Answer: Expires: Thu, 31 Dec 2037 23:55:55 GMT", "GET /plain/i"},
	{"GET /plain/j | X-Answer: Expires: 0", "GET /plain/j"},
	{"GET /plain/k | X-Answer: Cache-Control: max-age=60&Set-Cookie: a=b", "GET /plain/k"},
	{"GET /plain/l | X-Answer: X-Accel-Expires: 60", "GET /plain/l"},
	{"GET /plain/m | X-Answer: X-Accel-Expires: 0&Cache-Control: max-age=60", "GET /plain/m"},
	{"GET /plain/n | X-Answer: X-Accel-Expires: @4000000000", "GET /plain/n"},
	{"GET /plain/o | X-Answer: 500&Cache-Control: max-age=60", "GET /plain/o"},
	{"GET /plain/p | X-Answer: 301&Location: /x&Cache-Control: max-age=60", "GET /plain/p"},
	{"GET /plain/q | X-Answer: 204&Cache-Control: max-age=60", "GET /plain/q"},
	{"GET /plain/r | X-Answer: Cache-Control: max-age=60&Vary: X-V | X-V: 1", "GET /plain/r | X-V: 2 | X-Answer: Cache-Control: max-age=60&Vary: X-V",
		"GET /plain/r | X-V: 1", "GET /plain/r | X-V: 2", "GET /plain/r"},
	{"GET /plain/s | X-Answer: Cache-Control: max-age=60&Vary: *", "GET /plain/s"},
	{"GET /plain/t | X-Answer: Cache-Control: max-age=60&chunked", "GET /plain/t", "HEAD /plain/t"},
	{"HEAD /plain/u | X-Answer: Cache-Control: max-age=60", "GET /plain/u", "HEAD /plain/u"},
	{"GET /plain/v | X-Answer: Cache-Control: max-age=60&ETag: \"x\"&Last-Modified: " + monday, "GET /plain/v | If-None-Match: \"x\"",
		"GET /plain/v | If-None-Match: \"y\"", "GET /plain/v | If-Modified-Since: " + monday, "GET /plain/v | If-Modified-Since: " + later,
		"GET /plain/v | If-Match: \"y\"", "GET /plain/v | If-Match: \"x\"", "GET /plain/v | If-Unmodified-Since: " + past},
	{"GET /plain/w | If-None-Match: \"x\" | X-Answer: Cache-Control: max-age=60&ETag: \"x\"", "GET /plain/w", "GET /plain/w | If-None-Match: *"},
	{"GET /plain/x | If-None-Match: \"x\" | X-Answer: ETag: \"x\"&Cache-Control: no-store", "GET /plain/x"},
	{"POST /plain/y | X-Answer: Cache-Control: max-age=60", "GET /plain/y"},
	{"GET /plain/z?a=1 | X-Answer: Cache-Control: max-age=60", "GET /plain/z?a=2", "GET /plain/z?a=1"},
	{"GET /valid/a", "GET /valid/a", "wait", "GET /valid/a"},
	{"GET /valid/b | X-Answer: 404", "GET /valid/b", "wait", "GET /valid/b"},
	{"GET /valid/c | X-Answer: 500", "GET /valid/c"},
	{"GET /valid/d | X-Answer: Cache-Control: max-age=60", "wait", "GET /valid/d"},
	{"GET /hour/a | X-Answer: Accept-Ranges: bytes | Range: bytes=1-3", "GET /hour/a | Range: bytes=1-3", "GET /hour/a"},
	{"GET /hour/b | X-Answer: Accept-Ranges: bytes&long | Range: bytes=10000-10009", "GET /hour/b | Range: bytes=-7", "GET /hour/b"},
	{"GET /hour/c | X-Answer: Accept-Ranges: bytes | Range: bytes=9999-"},
	{"GET /hour/d | X-Answer: Accept-Ranges: bytes | Range: bytes=0-1,4-5", "GET /hour/d"},
	{"GET /hour/e | X-Answer: Accept-Ranges: bytes&ETag: \"x\"", "GET /hour/e | Range: bytes=1-3 | If-Range: \"x\"",
		"GET /hour/e | Range: bytes=1-3 | If-Range: \"y\"", "GET /hour/e | Range: bytes=1-3 | If-Range: " + monday},
	{"GET /hour/f | X-Answer: Accept-Ranges: bytes&Last-Modified: " + monday, "GET /hour/f | Range: bytes=1-3 | If-Range: " + monday,
		"GET /hour/f | Range: bytes=1-3 | If-Range: " + later, "HEAD /hour/f | Range: bytes=1-3"},
	{"GET /hour/g | X-Answer: long&abort", "GET /hour/g"},
	{"GET /hour/h | X-Answer: 206&Content-Range: bytes 0-9/100", "GET /hour/h"},
	{"GET /hour/i | X-Answer: long", "GET /hour/i", "HEAD /hour/i"},
	{"GET /hour/j | X-Answer: X-Accel-Buffering: no", "GET /hour/j"},
	{"GET /stale/a", "wait", "GET /stale/a | X-Answer: 500", "GET /stale/a | X-Answer: 404", "GET /stale/a | X-Answer: 503", "GET /stale/a"},
	{"GET /stale/b | X-Answer: Cache-Control: max-age=1, stale-if-error=60", "wait", "GET /stale/b | X-Answer: 503", "GET /stale/b | X-Answer: 429"},
	{"GET /bg/a", "wait", "GET /bg/a", "pause", "GET /bg/a"},
	{"GET /bg/b", "wait", "GET /bg/b | X-Answer: 500", "pause", "GET /bg/b | X-Answer: 200", "pause", "GET /bg/b"},
	{"GET /re/some/thing", "wait", "GET /re/some/thing", "pause", "GET /re/some/thing"},
	{"GET /reval/a | X-Answer: ETag: \"x\"&ask", "wait", "GET /reval/a | X-Answer: ETag: \"x\"&ask", "GET /reval/a", "wait",
		"GET /reval/a | X-Answer: ETag: \"y\"&ask", "GET /reval/a"},
	{"GET /reval/b | X-Answer: Last-Modified: " + monday + "&ask", "wait", "GET /reval/b | X-Answer: Last-Modified: " + monday + "&ask", "GET /reval/b"},
	{"GET /reval/c | X-Answer: ETag: \"x\"&ask", "wait", "GET /reval/c | X-Answer: ETag: \"x\"&ask&Cache-Control: max-age=60", "wait", "GET /reval/c"},
	{"GET /revalhead/a | X-Answer: ETag: \"x\"&ask&Cache-Control: max-age=1", "wait", "GET /revalhead/a | X-Answer: ETag: \"x\"&ask", "GET /revalhead/a"},
	{"GET /revalhead/b | X-Answer: 404&ETag: \"x\"&Cache-Control: max-age=1", "wait", "GET /revalhead/b | X-Answer: 404&ETag: \"x\"&ask"},
	{"GET /min/a", "GET /min/a", "GET /min/a"},
	{"GET /min/b | Range: bytes=1-2", "GET /min/b | Range: bytes=1-2 | X-Answer: Accept-Ranges: bytes", "GET /min/b | Range: bytes=1-2"},
	{"GET /ignore/a | X-Answer: Cache-Control: no-cache&Expires: " + past, "GET /ignore/a"},
	{"GET /ignore/b | X-Answer: Set-Cookie: a=b&Vary: *&X-Accel-Expires: 0", "GET /ignore/b"},
	{"POST /post/a", "POST /post/a", "GET /post/a"},
	{"GET /bypass/a", "GET /bypass/a | X-Bypass: 1", "GET /bypass/a", "GET /bypass/a | X-Bypass: 0", "GET /bypass/a | X-Bypass: 1 | X-No: 1", "GET /bypass/a"},
	{"GET /bypass/b | X-No: 1", "GET /bypass/b"},
	{"GET /lock/a", "GET /lock/a"},
	{"HEAD /head/b", "HEAD /head/b", "GET /head/b", "HEAD /head/b"},
	{"HEAD /head/c | X-Answer: ETag: \"x\"", "HEAD /head/c | If-None-Match: \"x\"", "HEAD /head/c | If-None-Match: \"y\"", "HEAD /head/c | Range: bytes=1-2"},
	{"HEAD /head/d | X-Answer: 404&Cache-Control: max-age=60", "HEAD /head/d", "GET /head/d | X-Answer: 404", "GET /head/d"},
	{"GET /head/e", "HEAD /head/e", "HEAD /head/e", "GET /head/e"},
	{"GET /intercept/a | X-Answer: 404", "GET /intercept/a", "GET /intercept/b | X-Answer: 500", "GET /intercept/b"},
	{"GET /offset/a | Range: bytes=2-3 | X-Answer: Accept-Ranges: bytes", "GET /offset/b | Range: bytes=5-6", "GET /offset/b | Range: bytes=-2", "GET /offset/a | Range: bytes=7-8"},
	{"GET /zero/a | Range: bytes=0-1", "GET /zero/a", "GET /zero/a"},
	{"GET /force/a | Range: bytes=1-4", "GET /force/a | Range: bytes=1-4", "GET /force/a | Range: bytes=1-4,6-7"},
	{"GET /forced/a | Range: bytes=1-4", "GET /forced/b | Range: bytes=1-4 | X-Answer: long", "GET /forced/c | Range: bytes=1-4 | X-Answer: chunked",
		"GET /forced/d | X-Answer: ETag: \"x\" | If-None-Match: \"x\"", "GET /forced/e | Range: bytes=90000-"},
	{"GET /gzip/a | Accept-Encoding: gzip", "GET /gzip/a | Accept-Encoding: gzip", "GET /gzip/a"},
	{"GET /gzip/b | Accept-Encoding: gzip | Range: bytes=1-3 | X-Answer: Accept-Ranges: bytes", "GET /gzip/b | Range: bytes=1-3",
		"GET /gzip/b | Accept-Encoding: gzip | Range: bytes=1-3"},
	{"GET /gzip/c | Accept-Encoding: gzip | X-Answer: long", "GET /gzip/c", "GET /gzip/c | Accept-Encoding: gzip"},
	{"GET /unbuffered/a", "GET /unbuffered/a"},
	{"GET /down/a", "GET /down/a"},
	{"GET /hide/a | X-Answer: X-Secret: 1&X-Open: 2", "GET /hide/a"},
	{"GET /ims/a | X-Answer: Last-Modified: " + monday, "GET /ims/a | If-Modified-Since: " + later, "GET /ims/a | If-Modified-Since: " + past},
	{"GET /maxranges/a | X-Answer: Accept-Ranges: bytes", "GET /maxranges/a | Range: bytes=1-2", "GET /maxranges/a | Range: bytes=1-2,4-5"},
}

// TestCachingDifferential sends the sequences to nginx and to Wheelpit, each with a backend and a cache of its own.
func TestCachingDifferential(t *testing.T) {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("install nginx to compare with it")
	}
	dir := t.TempDir()
	p := ports(t, 6)
	back := func() string {
		s := httptest.NewServer(scripted())
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
	theirs := writeConf(t, dir, "theirs", fmt.Sprintf(cachingConf, "c1", back()), p[:3])
	ours := writeConf(t, dir, "ours", fmt.Sprintf(cachingConf, "c2", back()), p[3:])
	if startNginx(t, binary, theirs) == nil {
		t.Skip("nginx did not get its port")
	}
	startOurs(t, "1.22.1", dir, ours)
	var all sync.WaitGroup
	for _, s := range sequences {
		all.Go(func() {
			var want, have []string
			for again := 0; again == 0 || again < 5 && !slices.Equal(want, have); again++ { // what is fresh for a second may not be on a busy machine
				want, have = play(t, p[0], s, again), play(t, p[3], s, again)
			}
			for i := range want {
				if want[i] != have[i] {
					t.Errorf("%s\nstep %d of %q:\nnginx:    %s\nWheelpit: %s", s[i], i, s, want[i], have[i])
				}
			}
		})
	}
	all.Wait()
}

// play sends a sequence and returns what came back. Each time it has paths of its own.
func play(t *testing.T, port string, steps []string, again int) (list []string) {
	for i, step := range steps {
		if i > 0 && strings.Contains(steps[i-1], "Range:") { // who has its range does not wait until the rest is kept
			time.Sleep(500 * time.Millisecond)
		}
		switch step {
		case "wait":
			time.Sleep(2200 * time.Millisecond)
			list = append(list, "")
		case "pause":
			time.Sleep(300 * time.Millisecond)
			list = append(list, "")
		default:
			path := targetPath.FindString(step)
			list = append(list, once(t, port, strings.Replace(step, path, path+strings.Repeat("-", again), 1)))
		}
	}
	return list
}

// targetPath is the path of a step.
var targetPath = regexp.MustCompile(`/[^ ?]*`)

// once sends a request and describes its response.
func once(t *testing.T, port, step string) string {
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	parts := strings.Split(step, " | ")
	method, path, _ := strings.Cut(parts[0], " ")
	text := method + " " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
	for _, f := range parts[1:] {
		text += f + "\r\n"
	}
	if method == "POST" {
		text += "Content-Length: 2\r\n\r\nhi"
	} else {
		text += "\r\n"
	}
	if _, err := io.WriteString(conn, text); err != nil {
		return err.Error()
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return err.Error()
	}
	body, err := io.ReadAll(res.Body)
	if res.Header.Get("Content-Encoding") == "gzip" && err == nil {
		if r, zerr := gzip.NewReader(strings.NewReader(string(body))); zerr == nil {
			body, err = io.ReadAll(r)
		}
	}
	if res.StatusCode >= 400 && strings.HasPrefix(string(body), "<html>") {
		body = []byte("page")
	}
	if _, boundary, ok := strings.Cut(res.Header.Get("Content-Type"), "boundary="); ok {
		body = []byte(strings.ReplaceAll(string(body), boundary, "B"))
	}
	var fields []string
	for _, name := range []string{"X-Cache", "Content-Range", "Etag", "Content-Encoding", "Vary", "X-Open", "X-Secret", "Location"} {
		if v := res.Header.Get(name); v != "" {
			fields = append(fields, name+"="+v)
		}
	}
	if strings.HasPrefix(path, "/head/") {
		fields = append(fields, fmt.Sprint("Length=", res.ContentLength))
	}
	slices.Sort(fields)
	return fmt.Sprintf("%d %v %q broken=%v", res.StatusCode, fields, body, err != nil)
}
