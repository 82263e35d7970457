package static_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/static"
)

// site makes a tree of files and serves it.
func site(t testing.TB, change ...func(*static.Options)) (dir, addr string) {
	t.Helper()
	top := t.TempDir()
	dir = filepath.Join(top, "html")
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("index.html", "<p>index</p>")
	write("a.txt", "0123456789")
	write("sub/index.html", "sub")
	write("list/b.css", "b")
	write("list/a & <b>.js", "x")
	write("list/dir/x", "x")
	write(".hidden", "hidden")
	write("with space.txt", "space")
	write("big.bin", strings.Repeat("abcdefghij", 20000))
	write("page.html", "plain page")
	write("page.html.gz", "gz page")
	write("page.html.br", "br page")
	write("404.html", "custom not found")
	write("empty", "")
	for _, link := range [][2]string{{"../secret", "out"}, {"a.txt", "in"}, {"/etc/passwd", "abs"}} {
		if err := os.Symlink(link[0], filepath.Join(dir, link[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(top, "secret"), []byte("SECRET"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	opt := static.Options{Root: dir, HideDotfiles: true, Revalidate: 100 * time.Millisecond}
	for _, f := range change {
		f(&opt)
	}
	files, err := static.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	app.Mount("/m/", files.Serve, pipeline.Inline)
	app.Mount("/", files.Serve, pipeline.Inline)
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.CloseIdleConnections() // or the end is graceful to them
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return dir, s.Addrs()[0]
}

var client = http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{DisableCompression: true},
	Timeout:       time.Minute,
}

// get sends a request with "Name: value" fields and returns the response with its body read.
func get(t testing.TB, addr, method, target string, fields ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.URL.Opaque = target
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		req.Header.Add(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	return res, string(b)
}

// Each request is sent three times: answered by a worker, from a fresh entry, and from its ready-made block.
func TestFiles(t *testing.T) {
	_, addr := site(t)
	for _, c := range []struct {
		method, target string
		fields         []string
		status         int
		body           string
		header         string // "Name: value" that must be there
	}{
		{"GET", "/", nil, 200, "<p>index</p>", "Content-Type: text/html"},
		{"GET", "/a.txt", nil, 200, "0123456789", "Accept-Ranges: bytes"},
		{"HEAD", "/a.txt", nil, 200, "", "Content-Length: 10"},
		{"GET", "/m/a.txt", nil, 200, "0123456789", ""},
		{"GET", "/sub", nil, 301, "", "Location: /sub/"},
		{"GET", "/sub?x=1", nil, 301, "", "Location: /sub/?x=1"},
		{"GET", "/sub/", nil, 200, "sub", ""},
		{"GET", "/sub/../a.txt", nil, 200, "0123456789", ""},
		{"GET", "/sub//../a.txt", nil, 200, "0123456789", ""},
		{"GET", "/with%20space.txt", nil, 200, "space", ""},
		{"GET", "/empty", nil, 200, "", "Content-Length: 0"},
		{"GET", "/in", nil, 200, "0123456789", ""},
		{"GET", "/big.bin", nil, 200, strings.Repeat("abcdefghij", 20000), "Content-Type: application/octet-stream"},
		{"GET", "/none", nil, 404, "<html>", ""},
		{"GET", "/a.txt/", nil, 404, "<html>", ""},
		{"GET", "/a.txt/x", nil, 404, "<html>", ""},
		{"GET", "/.hidden", nil, 404, "<html>", ""},
		{"GET", "/list/", nil, 403, "<html>", ""},
		{"GET", "/out", nil, 403, "<html>", ""},
		{"GET", "/abs", nil, 403, "<html>", ""},
		{"GET", "/fifo", nil, 403, "<html>", ""},
		{"GET", "/../secret", nil, 400, "<html>", ""},
		{"GET", "/%2e%2e/secret", nil, 400, "<html>", ""},
		{"GET", "/..%2fsecret", nil, 400, "<html>", ""},
		{"GET", "/a.txt%00.html", nil, 400, "<html>", ""},
		{"GET", "/" + strings.Repeat("a", 300), nil, 404, "<html>", ""},
		{"GET", "/" + strings.Repeat("d/", 3000), nil, 404, "<html>", ""},
		{"POST", "/a.txt", nil, 405, "<html>", "Allow: GET, HEAD"},
		{"DELETE", "/a.txt", nil, 405, "<html>", "Allow: GET, HEAD"},

		{"GET", "/a.txt", []string{"Range: bytes=0-3"}, 206, "0123", "Content-Range: bytes 0-3/10"},
		{"GET", "/a.txt", []string{"Range: bytes=-3"}, 206, "789", "Content-Range: bytes 7-9/10"},
		{"GET", "/a.txt", []string{"Range: bytes=8-"}, 206, "89", "Content-Range: bytes 8-9/10"},
		{"GET", "/a.txt", []string{"Range: bytes=8-999"}, 206, "89", "Content-Range: bytes 8-9/10"},
		{"GET", "/a.txt", []string{"Range: bytes=10-"}, 416, "<html>", "Content-Range: bytes */10"},
		{"GET", "/a.txt", []string{"Range: bytes=5-2"}, 416, "<html>", ""},
		{"GET", "/a.txt", []string{"Range: bytes=x"}, 416, "<html>", ""},
		{"GET", "/a.txt", []string{"Range: lines=1-2"}, 200, "0123456789", ""},
		{"GET", "/a.txt", []string{"Range: bytes=0-9,0-9"}, 200, "0123456789", ""},
		{"GET", "/big.bin", []string{"Range: bytes=100000-100009"}, 206, "abcdefghij", "Content-Range: bytes 100000-100009/200000"},
		{"GET", "/big.bin", []string{"Range: bytes=0-149999"}, 206, strings.Repeat("abcdefghij", 15000), ""},
		{"GET", "/a.txt", []string{"Range: bytes=0-3", "If-Range: \"x\""}, 200, "0123456789", ""},
		{"HEAD", "/a.txt", []string{"Range: bytes=0-3"}, 200, "", "Content-Length: 10"},

		{"GET", "/a.txt", []string{"If-None-Match: *"}, 304, "", "Content-Type: "},
		{"GET", "/a.txt", []string{"If-None-Match: \"x\""}, 200, "0123456789", ""},
		{"GET", "/a.txt", []string{"If-Match: \"x\""}, 412, "<html>", ""},
		{"GET", "/a.txt", []string{"If-Match: *"}, 200, "0123456789", ""},
		{"GET", "/a.txt", []string{"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"}, 200, "0123456789", ""},
		{"GET", "/a.txt", []string{"If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"}, 412, "<html>", ""},
		{"GET", "/a.txt", []string{"If-Unmodified-Since: nonsense"}, 200, "0123456789", ""},
	} {
		for round := range 3 {
			res, body := get(t, addr, c.method, c.target, c.fields...)
			ok := body == c.body || c.body == "<html>" && (strings.HasPrefix(body, c.body) || c.method == "HEAD")
			if res.StatusCode != c.status || !ok {
				t.Errorf("%s %.60s %v, round %d: %d %.80q", c.method, c.target, c.fields, round, res.StatusCode, body)
			}
			if name, value, _ := strings.Cut(c.header, ": "); c.header != "" && res.Header.Get(name) != value {
				t.Errorf("%s %s: %s is %q, want %q", c.method, c.target, name, res.Header.Get(name), value)
			}
			if strings.Contains(body, "SECRET") {
				t.Errorf("%s leaks", c.target)
			}
		}
	}
}

func TestValidatorsRoundTrip(t *testing.T) {
	dir, addr := site(t)
	res, _ := get(t, addr, "GET", "/a.txt")
	etag, modified := res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	st, err := os.Stat(filepath.Join(dir, "a.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("\"%x-%x\"", st.ModTime().Unix(), st.Size()); etag != want {
		t.Errorf("ETag %s, want %s", etag, want)
	}
	for _, f := range []string{"If-None-Match: " + etag, "If-None-Match: W/" + etag, "If-None-Match: \"x\", " + etag, "If-Modified-Since: " + modified} {
		if res, body := get(t, addr, "GET", "/a.txt", f); res.StatusCode != 304 || body != "" || res.Header.Get("ETag") != etag {
			t.Errorf("%s: %d %q", f, res.StatusCode, body)
		}
	}
	for _, f := range []string{etag, modified} {
		if res, _ := get(t, addr, "GET", "/a.txt", "Range: bytes=1-2", "If-Range: "+f); res.StatusCode != 206 {
			t.Errorf("If-Range %s: %d", f, res.StatusCode)
		}
	}
}

func TestSeveralRanges(t *testing.T) {
	_, addr := site(t)
	for _, c := range []struct {
		target string
		want   []string
	}{{"/a.txt", []string{"01", "56", "9"}}, {"/big.bin", []string{"ab", "fg", "j"}}} {
		size := map[string]int{"/a.txt": 10, "/big.bin": 200000}[c.target]
		res, body := get(t, addr, "GET", c.target, "Range: bytes=0-1, 5-6,-1")
		_, params, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
		if err != nil || res.StatusCode != 206 {
			t.Fatalf("%d %v", res.StatusCode, err)
		}
		r := multipart.NewReader(strings.NewReader(body), params["boundary"])
		for i, want := range c.want {
			p, err := r.NextPart()
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(p)
			if string(b) != want || !strings.HasSuffix(p.Header.Get("Content-Range"), fmt.Sprintf("/%d", size)) {
				t.Errorf("%s part %d: %q %v", c.target, i, b, p.Header)
			}
		}
		if _, err := r.NextPart(); err != io.EOF {
			t.Errorf("after the last part: %v", err)
		}
	}
}

func TestPrecompressed(t *testing.T) {
	_, addr := site(t, func(o *static.Options) { o.Precompressed = true })
	for _, c := range []struct{ accept, body, coding string }{
		{"gzip", "gz page", "gzip"}, {"gzip, br", "br page", "br"}, {"br;q=0, gzip", "gz page", "gzip"}, {"zstd", "plain page", ""}, {"", "plain page", ""},
	} {
		for range 2 {
			res, body := get(t, addr, "GET", "/page.html", "Accept-Encoding: "+c.accept)
			if body != c.body || res.Header.Get("Content-Encoding") != c.coding || res.Header.Get("Vary") != "Accept-Encoding" ||
				res.Header.Get("Content-Type") != "text/html" {
				t.Errorf("%q: %q %v", c.accept, body, res.Header)
			}
		}
	}
}

func TestListing(t *testing.T) {
	_, addr := site(t, func(o *static.Options) { o.Autoindex = true })
	res, body := get(t, addr, "GET", "/list/")
	dir, js, css := strings.Index(body, `<a href="dir/">dir/</a>`), strings.Index(body, `a &amp; &lt;b&gt;.js</a>`), strings.Index(body, `<a href="b.css">b.css</a>`)
	if res.StatusCode != 200 || dir < 0 || js < dir || css < js {
		t.Errorf("%d %q", res.StatusCode, body)
	}
	_, body = get(t, addr, "GET", "/list/", "Accept: application/json")
	var list []struct{ Name, Type string }
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 3 || list[0].Type != "directory" || list[1].Name != "a & <b>.js" {
		t.Errorf("%v %s", err, body)
	}
	if _, body = get(t, addr, "GET", "/m/list/"); !strings.Contains(body, "b.css") {
		t.Errorf("below a mount: %q", body)
	}
}

func TestSPA(t *testing.T) {
	_, addr := site(t, func(o *static.Options) { o.SPA = true })
	for range 3 {
		if res, body := get(t, addr, "GET", "/app/route/42"); res.StatusCode != 200 || body != "<p>index</p>" {
			t.Errorf("%d %q", res.StatusCode, body)
		}
	}
}

func TestSymlinkPolicies(t *testing.T) {
	for _, c := range []struct {
		policy  static.Symlinks
		in, out int
	}{{static.Beneath, 200, 403}, {static.None, 403, 403}, {static.Follow, 200, 200}} {
		_, addr := site(t, func(o *static.Options) { o.Symlinks = c.policy })
		in, _ := get(t, addr, "GET", "/in")
		out, _ := get(t, addr, "GET", "/out")
		if in.StatusCode != c.in || out.StatusCode != c.out {
			t.Errorf("policy %d: inside %d, outside %d", c.policy, in.StatusCode, out.StatusCode)
		}
	}
}

// A file that is changed is served as it is within the time an entry is trusted, and never a mixture.
func TestChangedFiles(t *testing.T) {
	dir, addr := site(t)
	path := filepath.Join(dir, "a.txt")
	get(t, addr, "GET", "/a.txt")
	get(t, addr, "GET", "/a.txt")
	if err := os.WriteFile(path+".new", []byte("new content"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	wait(t, func() bool { _, body := get(t, addr, "GET", "/a.txt"); return body == "new content" })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wait(t, func() bool { res, _ := get(t, addr, "GET", "/a.txt"); return res.StatusCode == 404 })
}

// A file and the directory it is in are exchanged all the while: each body is one state of the file, whole, under that
// state's length and entity tag, and nothing from outside the root.
func TestSwappedWhileServed(t *testing.T) {
	dir, addr := site(t, func(o *static.Options) { o.Revalidate = time.Millisecond })
	at := func(name string) string { return filepath.Join(dir, name) }
	sizes := map[byte]int{'a': 10, 'b': 70 << 10, 'c': 300 << 10} // from memory, kept, by sendfile
	for letter, size := range sizes {
		if err := os.MkdirAll(at("v"+string(letter)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at("v"+string(letter)+"/f"), bytes.Repeat([]byte{letter}, size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("va", at("now")); err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			target := "v" + string("abc"[i%3])
			if i%4 == 3 {
				target = "../.." // for a moment it leads out
			}
			err := os.Symlink(target, at("next"))
			if err == nil {
				err = os.Rename(at("next"), at("now"))
			}
			if err != nil {
				stopped <- err
				return
			}
			time.Sleep(500 * time.Microsecond)
		}
	}()
	seen := map[byte]int{}
	for end := time.Now().Add(time.Minute); time.Now().Before(end) && len(seen) < 3; {
		res, body := get(t, addr, "GET", "/now/f")
		if res.StatusCode != 200 {
			if res.StatusCode != 403 && res.StatusCode != 404 {
				t.Fatalf("status %d", res.StatusCode)
			}
			continue
		}
		letter := body[0]
		if len(body) != sizes[letter] || strings.Trim(body, string(letter)) != "" || !strings.HasSuffix(res.Header.Get("ETag"), fmt.Sprintf("-%x\"", len(body))) {
			t.Fatalf("%d bytes of %q under %v", len(body), letter, res.Header)
		}
		seen[letter]++
	}
	close(stop)
	if err := <-stopped; err != nil || len(seen) != 3 {
		t.Errorf("%v, seen %v", err, seen)
	}
}

func wait(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come about")
		}
	}
}

// A file that is truncated while it is sent cuts the connection: what arrives is a prefix, and shorter than announced.
func TestTruncatedWhileSent(t *testing.T) {
	dir, addr := site(t)
	path := filepath.Join(dir, "huge.bin")
	content := bytes.Repeat([]byte("0123456789abcdef"), 4<<20) // 64 MiB
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(c, "GET /huge.bin HTTP/1.1\r\nHost: a\r\n\r\n")
	time.Sleep(200 * time.Millisecond)
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(c)
	_, body, _ := bytes.Cut(b, []byte("\r\n\r\n"))
	if len(body) >= len(content) || !bytes.Equal(body, content[:len(body)]) {
		t.Errorf("%d bytes arrived", len(body))
	}
	if res, _ := get(t, addr, "GET", "/index.html"); res.StatusCode != 200 {
		t.Errorf("afterwards: %d", res.StatusCode)
	}
}

func TestErrorPage(t *testing.T) {
	dir, _ := site(t)
	files, err := static.New(static.Options{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	app.ErrorHandler(404, files.ErrorPage(404, "404.html"))
	app.Mount("/", files.Serve, pipeline.Inline)
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(context.Background()) }()
	if res, body := get(t, s.Addrs()[0], "GET", "/none"); res.StatusCode != 404 || body != "custom not found" {
		t.Errorf("%d %q", res.StatusCode, body)
	}
}

func TestNewRefusesWhatIsNoDirectory(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{file, filepath.Join(dir, "none")} {
		if _, err := static.New(static.Options{Root: root}); err == nil || !strings.HasPrefix(err.Error(), "static: ") {
			t.Errorf("%s: %v", root, err)
		}
	}
}

// What follows a file that one event does not send whole is answered, however fast the client reads.
func TestAfterALargeFile(t *testing.T) {
	dir, addr := site(t)
	if err := os.WriteFile(filepath.Join(dir, "large"), make([]byte, 3<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		for _, c := range [][2]string{{"/large", string(make([]byte, 3<<20))}, {"/a.txt", "0123456789"}} {
			if _, body := get(t, addr, "GET", c[0]); body != c[1] {
				t.Fatalf("%s: %d bytes", c[0], len(body))
			}
		}
	}
}
