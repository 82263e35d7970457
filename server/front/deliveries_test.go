package front_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pool"
)

// deliveries are the ways in which a request of the corpus comes, besides the whole of it alone: behind and before others, in
// pieces, from a client that does not wait for the answer. Each leaves the bytes of the request in another buffer when the answer
// is made, when it has left and when the log is told.
var deliveries = []struct {
	name   string
	pieces func(wire string) []string
	end    func(r *recorder)
}{
	{"between others", func(w string) []string { return []string{before + w + behind} }, (*recorder).untilEnd},
	{"behind another, cut", func(w string) []string { return []string{before + w[:len(w)/2], w[len(w)/2:] + behind} }, (*recorder).untilEnd},
	{"in three pieces", func(w string) []string {
		return []string{w[:len(w)/3], w[len(w)/3 : 2*len(w)/3], w[2*len(w)/3:] + behind}
	}, (*recorder).untilEnd},
	{"three times", func(w string) []string { return []string{w + w + w + behind} }, (*recorder).untilEnd},
	{"and gone", func(w string) []string { return []string{w} }, (*recorder).reset},
	{"three times and gone", func(w string) []string { return []string{w + w + w} }, (*recorder).reset},
	{"cut, and gone", func(w string) []string { return []string{before + w[:len(w)/2], w[len(w)/2:] + w + w[:len(w)/2]} }, (*recorder).reset},
	{"and closed", func(w string) []string { return []string{before + w + w[:len(w)/2]} }, (*recorder).halfClose},
}

const (
	before = "GET /not-there?of=another HTTP/1.1\r\nHost: localhost\r\nX-A: another\r\n\r\n"
	behind = "GET /not-there?either HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
)

// everyValue is a line of nearly all that a log can ask for.
const everyValue = `log_format every_value "$request|$uri|$args|$request_uri|$host|$http_host|$http_user_agent|$http_cookie|$http_x_a|$http_referer|$remote_user|` +
	`$server_name|$status|$sent_http_location|$sent_http_content_type|$sent_http_etag|$sent_http_x_a|$sent_http_set_cookie|$sent_http_cache_control|$request_filename|` +
	`$document_root|$content_type|$content_length|$request_body|$upstream_addr|$upstream_status|$upstream_http_x_a|$upstream_http_content_type|` +
	`$upstream_cache_status|$arg_a|$arg_q|$cookie_a|$is_args|$server_protocol|$proxy_host|$proxy_add_x_forwarded_for|$remote_addr|$request_method|$query_string";
access_log %LOG%/every_value.log every_value;
`

// A request that comes in another way is answered and logged from its own bytes: with -tags invariants memory that was given back
// has none, and shows in the answer or in the log.
func TestDeliveries(t *testing.T) {
	if !pool.Invariants {
		t.Skip("memory that is given back shows with -tags invariants only")
	}
	files, err := filepath.Glob("testdata/*/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for i, file := range files {
		if testing.Short() && i%8 != 3 {
			continue
		}
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(file), "testdata/"), ".conf")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			deliver(t, name, file)
		})
	}
}

// deliver sends the requests of one file in all ways.
func deliver(t *testing.T, name, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := parseCorpus(t, string(text))
	dir := site(t, c.files)
	backend := startBackend(t, c.answers)
	text = bytes.ReplaceAll(text, []byte("%BACKEND%"), []byte(backend))
	p := ports(t, 3)
	stop := startOurs(t, "1.22.1", dir, writeConf(t, dir, "ours", everyValue+string(text), p))
	for _, r := range c.requests {
		r.words = strings.ReplaceAll(r.words, "%BACKEND%", backend)
		wire := r.wire(p[r.port])
		for _, d := range deliveries {
			out := bring(t, r, p[r.port], d.pieces(wire), d.end)
			if at := strings.Index(out, "\xdb\xdb\xdb"); at >= 0 {
				t.Errorf("%s %s: %q", r.text, d.name, out[max(0, at-200):min(len(out), at+50)])
			}
		}
	}
	stop()
	noneGivenBack(t, dir)
}

// noneGivenBack looks through the logs.
func noneGivenBack(t *testing.T, dir string) {
	logs, _ := filepath.Glob(filepath.Join(dir, "ours", "*"))
	for _, path := range append(logs, filepath.Join(dir, "ours.log")) {
		for line := range strings.Lines(string(readLog(t, path))) {
			if strings.Contains(line, `\xDB`) || strings.Contains(line, "\xdb\xdb\xdb") {
				t.Errorf("%s: %q", filepath.Base(path), line)
			}
		}
	}
}

// bring sends the pieces, a while apart, and returns what came before end was through.
func bring(t *testing.T, r request, port string, pieces []string, end func(r *recorder)) string {
	d := net.Dialer{Timeout: time.Minute}
	if r.from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(r.from)}
	}
	conn, err := d.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	seen := &recorder{Conn: conn}
	for i, piece := range pieces {
		if i > 0 {
			time.Sleep(2 * time.Millisecond) // so that it is read by itself; if it is not, all is well too
		}
		if _, err := io.WriteString(conn, piece); err != nil {
			break
		}
	}
	end(seen)
	return seen.text.String()
}

// recorder keeps what is read of a connection.
type recorder struct {
	net.Conn
	text strings.Builder
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.text.Write(p[:n])
	return n, err
}

func (r *recorder) reset() { reset(r.Conn) }

func (r *recorder) halfClose() {
	_ = r.Conn.(*net.TCPConn).CloseWrite()
	r.untilEnd()
}

// untilEnd reads until the server closes, or says nothing for a while: not every request is one that it can go on behind.
func (r *recorder) untilEnd() {
	buf := make([]byte, 32<<10)
	for {
		_ = r.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if _, err := r.Read(buf); err != nil {
			return
		}
	}
}
