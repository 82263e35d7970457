//go:build linux

package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// kitchen is what recipes need: a site, application servers, and the names under which a recipe finds them.
type kitchen struct {
	t     *testing.T
	dir   string
	names []string // for a strings.Replacer
}

func newKitchen(t *testing.T) *kitchen {
	t.Helper()
	dir, err := os.MkdirTemp("", "recipes") // workers of another user must be able to read it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	k := &kitchen{t: t, dir: dir, names: []string{"@SITE@", dir + "/site", "@DIR@", dir + "/run", "@HTTP@", dir + "/http.sock", "@UWSGI@", dir + "/uwsgi.sock",
		"@PHP@", dir + "/php.sock", "@UWSGI_PARAMS@", "/etc/nginx/uwsgi_params", "@FASTCGI_PARAMS@", "/etc/nginx/fastcgi_params"}}
	for name, text := range map[string]string{
		"a.txt": "text\n", "50x.html": "sorry\n", "404.html": "none\n", "static/a.css": "h1{}\n", "media/m.txt": "media\n", "style.css": "p{}\n", ".env": "secret\n",
		"index.php": phpPage, "login.php": phpPage, "uploads/x.php": "<?php echo 1;", "admin/index.php": phpPage, "app.wsgi": wsgiPage,
	} {
		path := filepath.Join(dir, "site", name)
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		stamp := time.Unix(1700000000, 0)
		_ = os.Chtimes(path, stamp, stamp)
	}
	_ = os.Chmod(dir, 0o755)
	return k
}

const phpPage = `<?php
header('Content-Type: text/plain');
if (isset($_GET['to'])) { header('Location: /login.php', true, 302); exit; }
foreach (['REQUEST_METHOD','REQUEST_URI','SCRIPT_NAME','PATH_INFO','QUERY_STRING','DOCUMENT_URI','SERVER_NAME','SERVER_PROTOCOL','CONTENT_LENGTH','HTTP_HOST','HTTP_PROXY'] as $k)
	echo $k, '=', $_SERVER[$k] ?? '-', "\n";
echo strlen(file_get_contents('php://input')), " bytes\n";
`

const wsgiPage = `def application(e, start):
    body = e['wsgi.input'].read(int(e.get('CONTENT_LENGTH') or 0))
    if e['PATH_INFO'] == '/none':
        start('404 Not Found', [('Content-Type', 'text/html')])
        return [b'none']
    if e['PATH_INFO'] == '/moved':
        start('302 Found', [('Location', '/there/')])
        return []
    start('200 OK', [('Content-Type', 'text/plain')])
    names = ['REQUEST_METHOD', 'SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING', 'REQUEST_URI', 'CONTENT_TYPE', 'CONTENT_LENGTH', 'SERVER_NAME', 'HTTP_COOKIE', 'HTTP_HOST']
    return [''.join('%s=%s\n' % (n, e.get(n)) for n in names).encode(), b'%d bytes\n' % len(body)]
`

// http starts an application that speaks HTTP at a unix socket: it answers with what it was asked.
func (k *kitchen) http() {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s %s of %s\n", r.Method, r.RequestURI, r.Host)
		r.Header.Del("Via") // a gateway must say that it is there (RFC 9110 section 7.6.3); nginx does not
		_ = r.Header.Write(&b)
		n, _ := io.Copy(io.Discard, r.Body)
		fmt.Fprintf(&b, "%d bytes\n", n)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Powered-By", "Go")
		_, _ = w.Write(b.Bytes())
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://"+r.Host+"/there")
		w.WriteHeader(302)
	})
	mux.HandleFunc("/fails/{status}", func(w http.ResponseWriter, r *http.Request) {
		status := 0
		_, _ = fmt.Sscan(r.PathValue("status"), &status)
		http.Error(w, "oops", status)
	})
	mux.HandleFunc("/cookies", func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Set-Cookie"] = []string{"a=1; path=/", "b=2; HttpOnly"}
		fmt.Fprint(w, "cookies")
	})
	mux.HandleFunc("/points", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/x-first")
		w.Header().Set("X-Accel-Redirect", "/protected/a.txt")
	})
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("compress me ", 500)) })
	mux.HandleFunc("/ws", func(w http.ResponseWriter, _ *http.Request) { echo(w) })
	l, err := net.Listen("unix", k.dir+"/http.sock")
	if err != nil {
		k.t.Fatal(err)
	}
	_ = os.Chmod(k.dir+"/http.sock", 0o777)
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: mux}}
	s.Start()
	k.t.Cleanup(s.Close)
}

// command starts a server that makes a socket; without its program the recipe is skipped.
func (k *kitchen) command(socket, program string, args ...string) {
	k.t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		k.t.Skip(program + " is not installed")
	}
	cmd := exec.Command(path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); _ = cmd.Wait() })
	until(k.t, "the socket of "+program, func() bool {
		c, err := net.Dial("unix", filepath.Join(k.dir, socket))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	_ = os.Chmod(filepath.Join(k.dir, socket), 0o777)
}

func (k *kitchen) uwsgi() {
	k.command("uwsgi.sock", "uwsgi", "--plugin", "python3", "--socket", k.dir+"/uwsgi.sock", "--wsgi-file", k.dir+"/site/app.wsgi", "--need-app", "--logto", "/dev/null")
}

func (k *kitchen) php() {
	programs, _ := filepath.Glob("/usr/sbin/php-fpm[0-9]*")
	if len(programs) == 0 {
		k.t.Skip("php-fpm is not installed")
	}
	conf := "[global]\nerror_log = /dev/null\ndaemonize = no\n[www]\nlisten = " + k.dir + "/php.sock\npm = static\npm.max_children = 2\n"
	args := []string{"-F", "-y", k.dir + "/fpm.conf"}
	if os.Getuid() == 0 {
		conf += "user = nobody\ngroup = nogroup\n"
	}
	if err := os.WriteFile(k.dir+"/fpm.conf", []byte(conf), 0o644); err != nil {
		k.t.Fatal(err)
	}
	k.command("php.sock", programs[0], args...)
}

// serve runs a recipe with a program, and returns its address.
func (k *kitchen) serve(program, recipe string) (addr string) {
	k.t.Helper()
	text, err := os.ReadFile("testdata/recipes/" + recipe + ".conf")
	if err != nil {
		k.t.Fatal(err)
	}
	addr = nginxtest.FreeAddr(k.t)
	dir := filepath.Join(k.dir, filepath.Base(program))
	_ = os.MkdirAll(dir, 0o755)
	_ = os.Chmod(dir, 0o777)
	conf := "pid nginx.pid;\nevents { }\nhttp {\n default_type text/plain;\n access_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		conf += " " + kind + "_temp_path " + kind + ";\n"
	}
	names := append([]string{"@LISTEN@", addr}, k.names...)
	names[slices.Index(names, "@DIR@")+1] = dir
	conf += strings.NewReplacer(names...).Replace(string(text)) + "}\n"
	if err := os.WriteFile(dir+"/nginx.conf", []byte(conf), 0o644); err != nil {
		k.t.Fatal(err)
	}
	args := []string{"-p", dir, "-c", dir + "/nginx.conf", "-e", "error.log"}
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		k.t.Fatalf("%s: %v\n%s", program, err, out)
	}
	k.t.Cleanup(func() {
		_ = exec.Command(program, append(args, "-s", "stop")...).Run()
		until(k.t, "the end of "+program, func() bool { _, err := os.Stat(dir + "/nginx.pid"); return err != nil })
	})
	return addr
}

// versions is what differs between the servers by nature: who they are.
var versions = regexp.MustCompile(`(nginx|wheelpit)(/[0-9.]+)?( \(.*?\))?`)

// ask sends a request and returns the answer in a form that can be compared: framing, order of fields, dates and names are left out.
func (k *kitchen) ask(addr, request string) string {
	k.t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	method, _, _ := strings.Cut(request, " ")
	_, _ = io.WriteString(conn, request)
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return "no answer"
	}
	defer func() { _ = res.Body.Close() }()
	for _, name := range []string{"Date", "Content-Length"} {
		res.Header.Del(name)
	}
	for _, name := range []string{"Expires", "Server"} {
		for i, v := range res.Header[name] {
			res.Header[name][i] = v[:min(len(v), 5)]
		}
	}
	var b bytes.Buffer
	fmt.Fprintln(&b, res.Status)
	_ = res.Header.Write(&b)
	if method == "HEAD" {
		fmt.Fprintln(&b, res.TransferEncoding) // a cache may know a length that nginx does not tell
	}
	if res.StatusCode != 101 {
		body := io.Reader(res.Body)
		if res.Header.Get("Content-Encoding") == "gzip" {
			if body, err = gzip.NewReader(body); err != nil {
				return err.Error()
			}
		}
		if _, err := io.Copy(&b, body); err != nil {
			fmt.Fprintln(&b, err)
		}
	}
	_, port, _ := net.SplitHostPort(addr)
	return versions.ReplaceAllString(strings.ReplaceAll(b.String(), ":"+port, ":PORT"), "SERVER")
}
