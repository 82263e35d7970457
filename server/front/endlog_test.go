package front_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// endConf logs the late values of requests to one file for each location. The socket holds little, so that a client that does
// not read is noticed.
const endConf = `log_format end '"$uri" $status $bytes_sent $body_bytes_sent $request_completion. $request_time $request_length $connection_requests $pipe $upstream_status';
log_format peer '$upstream_response_time $upstream_bytes_received $upstream_bytes_sent $upstream_response_length $upstream_connect_time';
log_format sub '$uri $status';
client_header_timeout 700ms; keepalive_timeout 1s; client_body_timeout 700ms; log_subrequest on;
server { listen 127.0.0.1:%%PORT%% ; root %%DIR%%/html; access_log %%LOG%%/end.log end; access_log %%LOG%%/peer.log peer; proxy_http_version 1.1; proxy_buffer_size 4k;
	location /plain/ { alias %[2]s/; sendfile off; }
	location /send/ { alias %[2]s/; sendfile on; }
	location /return { return 200 "0123456789"; }
	location /close { return 444; }
	location /rate/ { alias %[2]s/; limit_rate 100k; limit_rate_after 10k; }
	location /buffered/ { proxy_pass http://%[1]s/; }
	location /unbuffered/ { proxy_pass http://%[1]s/; proxy_buffering off; }
	location /filtered/ { proxy_pass http://%[1]s/; sub_filter_types *; sub_filter none some; }
	location /tunnel/ { proxy_pass http://%[1]s/; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }
	location /gzip/ { alias %%DIR%%/html/; gzip on; gzip_types *; gzip_min_length 1; }
	location /sub { access_log %%LOG%%/end.log sub; add_after_body /return; alias %%DIR%%/html/a.txt; }
	location /auth { access_log %%LOG%%/end.log sub; auth_request /close403; alias %%DIR%%/html/a.txt; }
	location /close403 { access_log %%LOG%%/end.log sub; return 403; }
	location /post/ { alias %[2]s/; post_action /after; }
	location /post/named { return 200 x; post_action @after; }
	location /after { proxy_pass http://%[1]s/chunks; }
	location @after { return 204; }
	location /if { access_log %%LOG%%/end.log end if=$slow; alias %[2]s/large; }
}
map $request_time $slow { default 1; ~^0\.[0-3] 0; }`

// endBackend answers with content of a length, in chunks, late, or by going over to another protocol.
func endBackend(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/large":
		w.Header().Set("Content-Length", strconv.Itoa(len(large)))
		_, _ = io.WriteString(w, large)
	case "/chunks":
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, "01234")
	case "/late":
		<-r.Context().Done()
	case "/short":
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "short")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	case "/switch":
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
		_, _ = io.Copy(conn, rw)
		_ = conn.Close()
	}
}

var large = strings.Repeat("0123456789abcdef", 1<<19)

// pause is for how long slow clients do not read.
const pause = 500 * time.Millisecond

// ending is what a client does, and what both servers must have logged then, besides being the same: a least time in seconds, and
// fields of the line by their place.
type ending struct {
	name, request string
	client        func(c net.Conn)
	least         float64
	lines         int
	loose         bool  // how many bytes were sent is chance, but less than the content
	other         []int // places of fields that are not the same
}

func readAll(c net.Conn)    { _, _ = io.Copy(io.Discard, c) }
func readSlowly(c net.Conn) { time.Sleep(pause); readAll(c) }
func leave(c net.Conn)      { time.Sleep(pause); reset(c) }
func halfClose(c net.Conn)  { _ = c.(*net.TCPConn).CloseWrite(); readAll(c) }
func readSomeLeave(c net.Conn) {
	_, _ = io.ReadFull(c, make([]byte, 10000))
	leave(c)
}
func reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}
func talk(c net.Conn) {
	in := bufio.NewReader(c)
	for line, err := in.ReadString('\n'); err == nil && line != "\r\n"; line, err = in.ReadString('\n') {
	}
	for range 3 {
		_, _ = io.WriteString(c, "ping-ping")
		_, _ = io.ReadFull(in, make([]byte, 9))
	}
	time.Sleep(pause)
	_ = c.(*net.TCPConn).CloseWrite()
	_, _ = io.Copy(io.Discard, in)
}

const last, next = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", " HTTP/1.1\r\nHost: a\r\n\r\n"

var endings = []ending{
	{name: "at once", request: "GET /return" + last, client: readAll, lines: 1},
	{name: "head", request: "HEAD /plain/large" + last, client: readAll, lines: 1},
	{name: "not modified", request: "GET /gzip/a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\nIf-Modified-Since: Mon, 06 May 2024 07:08:09 GMT\r\n\r\n", client: readAll, lines: 1},
	{name: "slow file", request: "GET /plain/large" + last, client: readSlowly, least: 0.4, lines: 1},
	{name: "slow file kept", request: "GET /plain/large" + next, client: readSlowly, least: 0.4, lines: 1},
	{name: "slow sendfile", request: "GET /send/large" + last, client: readSlowly, least: 0.4, lines: 1},
	{name: "slow buffered", request: "GET /buffered/large" + last, client: readSlowly, least: 0.4, lines: 1},
	{name: "slow unbuffered", request: "GET /unbuffered/large" + last, client: readSlowly, least: 0.4, lines: 1},
	{name: "slow filtered", request: "GET /filtered/large HTTP/1.0\r\n\r\n", client: readSlowly, least: 0.4, lines: 1},
	{name: "slow condition", request: "GET /if" + last, client: readSlowly, least: 0.4, lines: 1},
	{name: "quick condition", request: "GET /if" + last, client: readAll},
	{name: "pipelined", request: "GET /send/large" + next + "GET /return" + next + "GET /send/large" + next + "GET /return" + last, client: readSlowly, lines: 4, least: 0},
	{name: "pipelined small", request: "GET /return" + next + "GET /return" + next + "GET /return" + last, client: readAll, lines: 3},
	{name: "chunks", request: "GET /buffered/chunks" + last, client: readAll, lines: 1},
	{name: "chunks unbuffered", request: "GET /unbuffered/chunks" + last, client: readAll, lines: 1},
	{name: "no chunks", request: "GET /buffered/chunks HTTP/1.0\r\n\r\n", client: readAll, lines: 1},
	{name: "rate", request: "GET /rate/60k" + last, client: readAll, lines: 1},
	{name: "slow rate", request: "GET /rate/160k" + last, client: readAll, least: 0.4, lines: 1},
	{name: "leaves file", request: "GET /plain/large" + next, client: readSomeLeave, least: 0.4, lines: 1, loose: true},
	{name: "leaves sendfile", request: "GET /send/large" + next, client: readSomeLeave, least: 0.4, lines: 1, loose: true},
	{name: "leaves buffered", request: "GET /buffered/large" + next, client: readSomeLeave, least: 0.4, lines: 1, loose: true},
	{name: "leaves unbuffered", request: "GET /unbuffered/large" + next, client: readSomeLeave, least: 0.4, lines: 1, loose: true},
	{name: "leaves filtered", request: "GET /filtered/large" + next, client: readSomeLeave, least: 0.4, lines: 1, loose: true},
	{name: "leaves early", request: "GET /buffered/late" + next, client: leave, least: 0.4, lines: 1},
	{name: "leaves early unbuffered", request: "GET /unbuffered/late" + next, client: leave, least: 0.4, lines: 1},
	// What its upstream breaks off is complete for NGINX.
	{name: "cut upstream", request: "GET /buffered/short" + next, client: readAll, lines: 1, other: []int{4}},
	{name: "tunnel", request: "GET /tunnel/switch HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n", client: talk, least: 0.4, lines: 1},
	{name: "expect", request: "POST /buffered/chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", client: func(c net.Conn) {
		_, _ = c.Read(make([]byte, 100))
		_, _ = io.WriteString(c, "abc")
		readAll(c)
	}, lines: 1},
	{name: "post action", request: "GET /post/a.txt?a=b" + last, client: readAll, lines: 1, other: []int{8}},
	{name: "post action of a slow one", request: "GET /post/large" + last, client: readSlowly, least: 0.4, lines: 1, other: []int{8}},
	{name: "post action of one who leaves", request: "GET /post/large" + last, client: readSomeLeave, least: 0.4, lines: 1, loose: true, other: []int{8}},
	{name: "named post action", request: "GET /post/named" + last, client: readAll, lines: 1, other: []int{8}},
	{name: "444", request: "GET /close" + next, client: readAll, lines: 1},
	{name: "subrequest", request: "GET /sub" + last, client: readAll, lines: 1}, // what is added behind is not logged
	{name: "auth", request: "GET /auth" + last, client: readAll, lines: 2},
	{name: "broken head", request: "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", client: readAll, lines: 1, other: []int{6}},
	{name: "garbage", request: "\x16\x03\x01\r\n\r\n", client: readAll, lines: 1},
	{name: "half a line, left", request: "GET /ret", client: halfClose, lines: 1},
	{name: "half a head, left", request: "GET /return HTTP/1.1\r\nHo", client: halfClose, lines: 1},
	{name: "nothing, left", request: "", client: halfClose},
	// Who is late is told so by us.
	{name: "half a head, late", request: "GET /return HTTP/1.1\r\nHo", client: readAll, least: 0.6, lines: 1, other: []int{2}},
	{name: "half a body, late", request: "POST /buffered/chunks HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", client: readAll, least: 0.6, lines: 1, other: []int{2}},
	{name: "half a body, left", request: "POST /buffered/chunks HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", client: halfClose, lines: 1},
	{name: "body dropped", request: "POST /return HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", client: func(c net.Conn) {
		time.Sleep(pause)
		_, _ = io.WriteString(c, "0123456")
		_, _ = c.Read(make([]byte, 1000))
		time.Sleep(pause)
		_, _ = io.WriteString(c, "GET /return"+last)
		readAll(c)
	}, lines: 2, other: []int{6}},
}

// The line of a request is written when its response has left, or its client: with the time and the bytes until then.
func TestEndOfRequestsBesideNginx(t *testing.T) {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("install nginx to compare with it")
	}
	back := httptest.NewServer(http.HandlerFunc(endBackend))
	t.Cleanup(back.Close)
	files := site(t, map[string]string{"html/large": large, "html/60k": large[:60<<10], "html/160k": large[:160<<10]})
	var all sync.WaitGroup
	room := make(chan bool, 8)
	for _, e := range endings {
		all.Go(func() {
			room <- true
			defer func() { <-room }()
			var want, got string
			for again := 0; again == 0 || again < 5 && want != got; again++ { // a busy machine may make what is quick slow
				dir := site(t, nil)
				p := ports(t, 6)
				text := fmt.Sprintf(endConf, back.Listener.Addr().String(), filepath.Join(files, "html"))
				quit := startNginx(t, binary, writeConf(t, dir, "theirs", text, p[:3]))
				if quit == nil {
					want = "nginx did not get its port"
					continue
				}
				stop := startOurs(t, "1.22.1", dir, writeConf(t, dir, "ours", text, p[3:]))
				want = e.play(t, p[0], filepath.Join(dir, "theirs", "end.log"), quit)
				got = e.play(t, p[3], filepath.Join(dir, "ours", "end.log"), stop)
			}
			if want != got {
				t.Errorf("%s\nnginx:\n%sWheelpit:\n%s", e.name, want, got)
			}
		})
	}
	all.Wait()
}

// play sends the request to a server, waits for the lines of it, ends the server and returns what it logged, with times told by
// whether they are long enough. Behind the end no line can come that is one too many.
func (e *ending) play(t *testing.T, port, log string, end func()) string {
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	_, _ = io.WriteString(c, e.request)
	e.client(c)
	_ = c.Close()
	for range 3000 {
		if text, _ := os.ReadFile(log); strings.Count(string(text), "\n") >= e.lines {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	end()
	text, _ := os.ReadFile(log)
	out := ""
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 6 {
			out += line
			continue
		}
		if f[0] == `"-"` { // later versions leave it empty
			f[0] = `""`
		}
		if took, _ := strconv.ParseFloat(f[5], 64); took >= e.least {
			f[5] = "enough"
		}
		if n, _ := strconv.Atoi(f[2]); e.loose && n > 10000 && n < len(large) {
			f[2], f[3] = "some", "some"
		}
		for _, i := range e.other {
			f[i] = "other"
		}
		out += strings.Join(f, " ") + "\n"
	}
	return out
}
