package front_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// A file with a variable in its name stays open once it was used often enough, and as long as it is among those used last.
func TestOpenLogFileCache(t *testing.T) {
	addr, dir := serve(t, `log_format uri $uri; server {
		listen 127.0.0.1:%PORT%; root %DIR%; open_log_file_cache max=2 min_uses=2 inactive=1m;
		location / { access_log %DIR%/logs/$arg_n uri; return 204; }
	}`)
	logs, away := filepath.Join(dir, "logs"), filepath.Join(dir, "away")
	if err := os.Mkdir(logs, 0o755); err != nil {
		t.Fatal(err)
	}
	lines := func(where, name string) int {
		text, _ := os.ReadFile(filepath.Join(where, name))
		return strings.Count(string(text), "/x\n")
	}
	ask := func(where string, names ...string) {
		for _, n := range names {
			before := lines(where, n)
			get(t, dial(t, addr), "/x?n="+n)
			eventually(t, "a line in "+n, func() bool { return lines(where, n) > before })
		}
	}
	ask(logs, "a", "a", "once", "b", "b") // "a" makes room for "b"
	if err := os.Rename(logs, away); err != nil {
		t.Fatal(err)
	}
	ask(away, "b")
	for _, n := range []string{"a", "once"} {
		get(t, dial(t, addr), "/x?n="+n) // which nobody can open where they are
	}
	for name, want := range map[string]int{"a": 2, "once": 1, "b": 3} {
		if got := lines(away, name); got != want {
			t.Errorf("%s has %d lines, want %d", name, got, want)
		}
	}
}

// What cannot be written to an access log is told in the error log once, and requests are answered all the same.
func TestAccessLogUnwritable(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	for _, options := range []string{"", " combined buffer=1k flush=1ms", " combined gzip buffer=1k flush=1ms"} {
		var told lockedBuffer
		addr, dir := serveLogged(t, errlog.Writer(&told, errlog.Error), `server {
			listen 127.0.0.1:%PORT%; root %DIR%; error_log %DIR%/e.log;
			location / { access_log /dev/full`+options+`; return 204; }
			location /dir { access_log %DIR%/none/$arg_n combined; return 204; }
			location /rootless { root %DIR%/gone; access_log %DIR%/$arg_n combined; return 204; }
		}`)
		conn := dial(t, addr)
		for range 3 {
			get(t, conn, "/x")
			eventually(t, "the failure", func() bool { return strings.Contains(told.String(), `[alert]`) })
		}
		if text := told.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, `write() to "/dev/full" failed (28: No space left on device)`) {
			t.Errorf("%s: %s", options, text)
		}
		get(t, conn, "/dir?n=f")
		get(t, conn, "/rootless?n=f")
		for _, want := range []string{
			` open() "` + dir + `/none/f" failed (2: No such file or directory) while logging request, client: 127.0.0.1`,
			` testing "` + dir + `/gone" existence failed (2: No such file or directory) while logging request, client: 127.0.0.1`,
		} {
			eventually(t, want, func() bool {
				text, _ := os.ReadFile(filepath.Join(dir, "e.log"))
				return strings.Contains(string(text), want)
			})
		}
	}
}

// lockedBuffer is a text that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestAccessLogToSyslog(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	addr, _ := serve(t, `log_format uri "$uri:$status"; server {
		listen 127.0.0.1:%PORT%; access_log syslog:server=`+server.LocalAddr().String()+`,facility=user,tag=t,nohostname uri; return 204;
	}`)
	get(t, dial(t, addr), "/told")
	buf := make([]byte, 1024)
	_ = server.SetReadDeadline(time.Now().Add(time.Minute))
	n, _, err := server.ReadFrom(buf)
	if got := string(buf[:n]); err != nil || !strings.HasPrefix(got, "<14>") || !strings.HasSuffix(got, "t: /told:204") {
		t.Errorf("%q, %v", got, err)
	}
}

// A log with gzip is a sequence of members, one for each flush of its buffer.
func TestAccessLogCompressed(t *testing.T) {
	addr, dir := serve(t, `log_format uri $uri; server { listen 127.0.0.1:%PORT%; access_log %DIR%/z.log uri gzip=6 flush=50ms; return 204; }`)
	want := ""
	for _, target := range []string{"/one", "/two"} {
		get(t, dial(t, addr), target)
		want += target + "\n"
		eventually(t, "a log with "+target, func() bool {
			raw, _ := os.ReadFile(filepath.Join(dir, "z.log"))
			z, err := gzip.NewReader(bytes.NewReader(raw))
			if err != nil {
				return false
			}
			text, err := io.ReadAll(z) // of a member that is being written the end is missing
			return string(text) == want && err == nil
		})
	}
}
