package front_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/front"
)

// The corpus: testdata/*.conf is the inside of http { }, in which %PORT% to %PORT3% are ports of loopback and %DIR% is the
// prefix. Lines that begin with "#>" are requests: METHOD TARGET, then fields separated by "|"; "#>:N" sends it to port N.

// version is the one of the NGINX that is installed; ours claims to be the same, so that bodies compare.
var version = regexp.MustCompile(`nginx/([0-9.]+)`)

func TestAgainstNginx(t *testing.T) {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed: there is nothing to compare with")
	}
	out, _ := exec.Command(binary, "-v").CombinedOutput()
	found := version.FindSubmatch(out)
	if found == nil {
		t.Skipf("nginx -v says %q", out)
	}
	files, err := filepath.Glob("testdata/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".conf"), func(t *testing.T) {
			compare(t, binary, string(found[1]), file)
		})
	}
}

// compare sends the requests of one file to both servers.
func compare(t *testing.T, binary, version, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	requests := requestsOf(string(text))
	if len(requests) == 0 {
		t.Fatal("no requests")
	}
	dir := site(t)
	theirs, ours := ports(t, 3), ports(t, 3)
	startNginx(t, binary, writeConf(t, dir, "theirs.conf", string(text), theirs), theirs[0])
	startOurs(t, version, dir, writeConf(t, dir, "ours.conf", string(text), ours))
	for _, r := range requests {
		want, got := send(t, theirs[r.port], r), ""
		streamed := theLength.MatchString(want)
		want = theLength.ReplaceAllString(want, "")
		for range 2 { // from a worker, and from the cache
			got = send(t, ours[r.port], r)
			if streamed { // what NGINX streams has a length here
				got = lengths.ReplaceAllString(theLength.ReplaceAllString(got, ""), "")
			}
			if normal(got, ours) != normal(want, theirs) {
				t.Errorf("%s\n--- nginx\n%s\n--- ours\n%s", r.text, normal(want, theirs), normal(got, ours))
				break
			}
		}
	}
}

// request is a line of the corpus.
type request struct {
	text string
	port int
}

func requestsOf(text string) (list []request) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "#>")
		if !ok {
			continue
		}
		r := request{}
		if after, ok := strings.CutPrefix(rest, ":"); ok {
			_, _ = fmt.Sscanf(after, "%d", &r.port)
			rest = after[1:]
		}
		r.text = strings.TrimSpace(rest)
		list = append(list, r)
	}
	return list
}

// site makes the files that the corpus serves.
func site(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"html/index.html": "index\n", "html/a.txt": "0123456789\n", "html/b.html": "<b>\n", "html/50x.html": "sorry\n", "html/404.html": "nothing here\n",
		"html/dir/index.html": "dir index\n", "html/dir/x.txt": "x in dir\n", "html/list/one.txt": "1", "html/list/two.bin": "22", "html/list/sub/s.txt": "s",
		"html/empty.txt": "", "html/sp ace.txt": "space\n", "html/.hidden": "hidden\n", "other/a.txt": "other a\n", "other/index.htm": "other index\n",
		"html/php/index.php": "php source\n", "other/only.txt": "only here\n", "html/a.unknown": "?\n", "logs/empty": "", "html/.htpasswd": "u:{PLAIN}p\n",
		"html/ssi/page.html": "a<!--#include virtual=\"/a.txt\" -->b<!--#echo var=\"args\" -->c\n",
		"html/ssi/if.html":   "<!--#if expr=\"$arg_q = 1\" -->yes<!--#else -->no<!--#endif -->\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"html/dir", "html/list/sub", "html/list", "html/php", "html", "other"} {
		at := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
		if err := os.Chtimes(filepath.Join(dir, d), at, at); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func ports(t *testing.T, n int) (list []string) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		list = append(list, port)
	}
	return list
}

func writeConf(t *testing.T, dir, name, text string, ports []string) string {
	text = strings.NewReplacer("%PORT%", ports[0], "%PORT1%", ports[1], "%PORT2%", ports[2], "%DIR%", dir).Replace(text)
	text = "worker_processes 1; pid " + name + ".pid; error_log " + name + ".log;\nevents { }\nhttp {\naccess_log off;\n" + text + "\n}\n"
	if os.Getuid() == 0 {
		text = "user root;\n" + text
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func startNginx(t *testing.T, binary, file, port string) {
	cmd := exec.Command(binary, "-p", filepath.Dir(file)+"/", "-c", filepath.Base(file), "-g", "daemon off; master_process off;", "-e", "start.log")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range 200 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("nginx did not start: %s", errs.String())
}

func startOurs(t *testing.T, version, dir, file string) {
	cfg, errs := conf.Load(file, conf.Options{Serving: true})
	if errs.Failed() {
		t.Fatal(errs)
	}
	plan, err := front.Build(cfg, front.Options{Prefix: dir, Product: "nginx", Version: version})
	if err != nil {
		t.Fatal(err)
	}
	plan.Server.Reactors = 1
	if err := plan.Runtime.Open(errlog.Writer(io.Discard, errlog.Error)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plan.Runtime.Close)
	s, err := server.New(plan.Server)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
	})
}

// send sends a request and returns the whole answer, its fields in order of their names.
func send(t *testing.T, port string, r request) string {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return "cannot connect: " + err.Error()
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	words := strings.SplitN(r.text, " ", 3)
	var b strings.Builder
	target := strings.ReplaceAll(words[1], "%PORT%", port)
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", words[0], target)
	host, body := "Host: localhost\r\n", ""
	if len(words) == 3 {
		for field := range strings.SplitSeq(words[2], "|") {
			if text, ok := strings.CutPrefix(field, "Body: "); ok {
				body = text
				fmt.Fprintf(&b, "Content-Length: %d\r\n", len(text))
				continue
			}
			if strings.HasPrefix(field, "Host:") {
				host = ""
			}
			b.WriteString(field + "\r\n")
		}
	}
	if _, err := io.WriteString(conn, b.String()+host+"\r\n"+body); err != nil {
		return "cannot send: " + err.Error()
	}
	return receive(conn, words[0])
}

func receive(conn net.Conn, method string) string {
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return "no response"
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		body = append(body, " cut: "+err.Error()...)
	}
	lines := []string{}
	for name, values := range res.Header {
		for _, v := range values {
			lines = append(lines, name+": "+v)
		}
	}
	sort.Strings(lines)
	return fmt.Sprintf("%s %s %v %d\n%s\n\n%s", res.Proto, res.Status, res.TransferEncoding, res.ContentLength, strings.Join(lines, "\n"), body)
}

var theLength = regexp.MustCompile(`\[(chunked)?\] -1`)

var lengths = regexp.MustCompile(`(?m)\[\] \d+$|^Content-Length: \d+\n`)

var dates = regexp.MustCompile(`(?m)^(Date|Expires): .*$`)

// normal takes out what must differ.
func normal(s string, ports []string) string {
	for i, p := range ports {
		s = strings.ReplaceAll(s, p, fmt.Sprintf("PORT%d", i))
	}
	return dates.ReplaceAllString(s, "$1: *")
}
