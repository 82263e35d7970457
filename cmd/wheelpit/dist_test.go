//go:build linux

package main

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/conf/format"
	"github.com/wheelpit/wheelpit/server/static"
)

var update = flag.Bool("update", false, "write the files of dist that are made from the source")

func dist(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("dist", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDistTypes: mime.types is the table that `wheelpit serve` uses.
func TestDistTypes(t *testing.T) {
	var b bytes.Buffer
	if err := static.WriteTypes(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("dist/mime.types", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if dist(t, "mime.types") != b.String() {
		t.Error("dist/mime.types is not what the table says: go test ./cmd/wheelpit -run Types -update")
	}
}

// TestDistConfigurations: what is shipped can be served, and is formatted.
func TestDistConfigurations(t *testing.T) {
	for _, name := range []string{"wheelpit.conf", "container.conf", "mime.types"} {
		text := dist(t, name)
		if out, err := format.Source(name, []byte(text)); err != nil || string(out) != text {
			t.Errorf("%s is not formatted: %v\n%s", name, err, out)
		}
		if name != "mime.types" {
			if _, log, err := check(t, strings.Replace(text, "include mime.types;", "", 1), checkOptions{short: true}); err != nil || strings.Contains(log, "[") {
				t.Errorf("%s: %v\n%s", name, err, log)
			}
			if out, log, code := command(t, "", "explain", "/status", "-c", "dist/"+name); code != 0 || !strings.Contains(out, "answer: wheelpit_status") {
				t.Errorf("%s: %s%s", name, out, log)
			}
		}
	}
}

// TestUnit has systemd look at the unit, with the program where it is here.
func TestUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	unit := filepath.Join(t.TempDir(), "wheelpit.service")
	text := strings.ReplaceAll(dist(t, "wheelpit.service"), "/usr/bin/wheelpit", binary)
	text = strings.Replace(text, "Documentation=man:wheelpit(1)\n", "", 1) // the manual is not installed here
	if err := os.WriteFile(unit, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("wheelpit.service")) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestSysusers has systemd read the file of users, if it is at hand.
func TestSysusers(t *testing.T) {
	if _, err := exec.LookPath("systemd-sysusers"); err != nil {
		t.Skip("systemd-sysusers is not installed")
	}
	out, err := exec.Command("systemd-sysusers", "--dry-run", "--root="+t.TempDir(), "dist/wheelpit.sysusers").CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("wheelpit")) {
		if bytes.Contains(out, []byte("unrecognized option")) {
			t.Skip("this systemd-sysusers has no --dry-run")
		}
		absolute, _ := filepath.Abs("dist/wheelpit.sysusers")
		out, err = exec.Command("systemd-sysusers", "--dry-run", absolute).CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

// TestLogrotate runs what logrotate runs behind a rotation, on a real server.
func TestLogrotate(t *testing.T) {
	_, script, _ := strings.Cut(dist(t, "wheelpit.logrotate"), "postrotate\n")
	script, _, ok := strings.Cut(script, "endscript")
	if !ok {
		t.Fatal("no script")
	}
	d := newDaemon(t)
	d.write("one", "")
	d.start()
	log := filepath.Join(d.dir, "error.log")
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	script = strings.NewReplacer("/run/wheelpit.pid", filepath.Join(d.dir, "nginx.pid"), "/usr/bin/wheelpit", binary,
		"-c /etc/wheelpit/wheelpit.conf", "-p "+d.dir+" -c "+filepath.Join(d.dir, "nginx.conf")).Replace(script)
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(log); err != nil || d.state().Reopened != 1 {
		t.Errorf("%v, %+v", err, d.state())
	}
}

// image is what a Dockerfile makes of scratch.
type image struct {
	root, user string
	command    []string
}

var copyLine = regexp.MustCompile(`^COPY (--from=build )?(\S+) (\S+)$`)

// assemble does what the second stage of the Dockerfile says, with program as what the first stage has built.
func assemble(t *testing.T, program string) image {
	t.Helper()
	i := image{root: t.TempDir()}
	_, stage, ok := strings.Cut(dist(t, "Dockerfile"), "\nFROM scratch\n")
	if !ok {
		t.Fatal("the Dockerfile has no stage from scratch")
	}
	for line := range strings.Lines(stage) {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "COPY":
			m := copyLine.FindStringSubmatch(line)
			from := filepath.Join("../..", m[2])
			if m[1] != "" {
				from = program
			}
			copyFile(t, from, filepath.Join(i.root, m[3]))
		case "USER":
			i.user = rest
		case "ENTRYPOINT", "CMD":
			var list []string
			if err := json.Unmarshal([]byte(rest), &list); err != nil {
				t.Fatal(err)
			}
			i.command = append(i.command, list...)
		}
	}
	return i
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		if err = os.MkdirAll(filepath.Dir(to), 0o755); err == nil {
			err = os.WriteFile(to, text, 0o755)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestImage builds the static program, makes the root of the image as the Dockerfile says, and serves from it: with nothing
// but what a container runtime adds, /proc and /dev, and as the image's user.
func TestImage(t *testing.T) {
	program := filepath.Join(t.TempDir(), "wheelpit")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if f, err := elf.Open(program); err != nil {
		t.Error(err)
	} else {
		if libs, _ := f.ImportedLibraries(); len(libs) > 0 || f.Section(".interp") != nil {
			t.Errorf("the program is not static: %v", libs)
		}
		_ = f.Close()
	}
	i := assemble(t, program)
	if os.Getuid() != 0 {
		t.Skip("to change the root needs root")
	}
	addr := i.move(t)
	open(t, i.root)
	for _, dir := range []string{"proc", "dev"} {
		if err := os.MkdirAll(filepath.Join(i.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := `mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot --userspec="$1" "$0" "$2" "$3" "$4" "$5" "$6"`
	args := append([]string{"-m", "sh", "-c", script, i.root, i.user}, i.command...)
	cmd := exec.Command("unshare", args...)
	out, err := os.OpenFile(filepath.Join(i.root, "output"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o644)
	if err == nil {
		err = out.Chown(65532, 65532) // as container runtimes do with the standard streams
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	log := func() string { text, _ := os.ReadFile(out.Name()); return string(text) }
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	var page string
	for deadline := time.Now().Add(time.Minute); page == "" && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-ended:
			if strings.Contains(log(), "unshare failed") || strings.Contains(log(), "mount: ") {
				t.Skipf("namespaces are not allowed here: %s", log())
			}
			t.Fatalf("%v\n%s", err, log())
		default:
		}
		if res, err := http.Get("http://" + addr + "/"); err == nil {
			text, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			page = fmt.Sprint(res.StatusCode, res.Header.Get("Content-Type"), string(text))
		}
	}
	if !strings.HasPrefix(page, "200text/html") || !strings.Contains(page, "Wheelpit is running") {
		t.Errorf("%q", page)
	}
	_ = cmd.Process.Signal(syscall.SIGQUIT)
	if err := <-ended; err != nil {
		t.Errorf("%v\n%s", err, log())
	}
	if !strings.Contains(log(), "GET / HTTP/1.1") {
		t.Errorf("no access log on standard output:\n%s", log())
	}
}

// move has the image listen on a port that nobody else uses here, and returns the address.
func (i *image) move(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	addr = l.Addr().String()
	conf := filepath.Join(i.root, "etc/nginx/nginx.conf")
	text, err := os.ReadFile(conf)
	if err == nil {
		err = os.WriteFile(conf, bytes.Replace(text, []byte("listen 8080;"), []byte("listen "+addr+";"), 1), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// open lets every user into a directory of the test.
func open(t *testing.T, dir string) {
	t.Helper()
	for ; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
