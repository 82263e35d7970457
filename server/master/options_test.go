package master

import (
	"bytes"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestParseOptions(t *testing.T) {
	for _, c := range []struct {
		args string
		want options
	}{
		{"", options{}},
		{"-?", options{help: true, version: true}},
		{"-h", options{help: true, version: true}},
		{"-v", options{version: true}},
		{"-V", options{version: true, configure: true}},
		{"-tq", options{test: true, quiet: true}},
		{"-T", options{test: true, dump: true}},
		{"-t -q -g |daemon on; master_process on;", options{test: true, quiet: true, global: "daemon on; master_process on;"}},
		{"-tqc FILE -p/dir", options{test: true, quiet: true, conf: "FILE", prefix: "/dir"}},
		{"-tc/path", options{test: true, conf: "/path"}},
		{"-cfile -eerror.log", options{conf: "file", errorLog: "error.log"}},
		{"-e stderr", options{errorLog: "stderr"}},
		{"-s reload", options{signal: "reload"}},
		{"-sreopen", options{signal: "reopen"}},
		{"-qsstop", options{quiet: true, signal: "stop"}},
		{"-c one -c two", options{conf: "two"}},
		{"-", options{}},
		{"-c -t", options{conf: "-t"}},
	} {
		got, err := parseOptions(split(c.args))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v, %v; want %+v", c.args, got, err, c.want)
		}
	}
}

var wrongOptions = []struct{ args, want string }{
	{"foo", `invalid option: "foo"`},
	{"-x", `invalid option: "x"`},
	{"-tx", `invalid option: "x"`},
	{"--help", `invalid option: "-"`},
	{"-c", `option "-c" requires file name`},
	{"-tc", `option "-c" requires file name`},
	{"-e", `option "-e" requires file name`},
	{"-p", `option "-p" requires directory name`},
	{"-g", `option "-g" requires parameter`},
	{"-s", `option "-s" requires parameter`},
	{"-s foo", `invalid option: "-s foo"`},
	{"-sfoo", `invalid option: "-s foo"`},
	{"-t foo", `invalid option: "foo"`},
}

func TestWrongOptions(t *testing.T) {
	for _, c := range wrongOptions {
		if _, err := parseOptions(split(c.args)); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.args, err, c.want)
		}
	}
}

// TestWrongOptionsAsNginx asks nginx itself.
func TestWrongOptionsAsNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("there is no nginx here")
	}
	for _, c := range wrongOptions {
		out, err := exec.Command(nginx, split(c.args)...).CombinedOutput()
		if want := "nginx: " + c.want + "\n"; err == nil || string(out) != want {
			t.Errorf("nginx %q: %v %q, the table says %q", c.args, err, out, want)
		}
	}
}

// split cuts a command line at spaces; behind a "|" the rest is one argument.
func split(line string) []string {
	line, last, found := strings.Cut(line, "|")
	args := strings.Fields(line)
	if found {
		args = append(args, last)
	}
	return args
}

func TestWants(t *testing.T) {
	for line, want := range map[string]bool{
		"wheelpit": false, "wheelpit serve": false, "wheelpit --help": false, "wheelpit -t": true, "wheelpit -c x": true,
		"nginx": true, "/usr/sbin/nginx": true, "nginx -h": true, "nginx serve": false, "wheelpit serve -q": false,
	} {
		if got := Wants(strings.Fields(line)); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}

func TestUsageIsNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("there is no nginx here")
	}
	out, err := exec.Command(nginx, "-h").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(string(out), "\n") // the version
	var b bytes.Buffer
	paths := DefaultPaths
	paths.ErrorLog = "stderr" // as Debian builds it
	writeUsage(&b, paths)
	if b.String() != want {
		t.Errorf("%s\nnginx has\n%s", b.String(), want)
	}
}

func TestVersion(t *testing.T) {
	p := Program{Version: "0.1.0", Modules: []string{"http_gzip_module", "http_realip_module"}, Paths: DefaultPaths}
	var b bytes.Buffer
	p.writeVersion(&b)
	p.writeConfigure(&b)
	text := b.String()
	if m := regexp.MustCompile(`nginx version: nginx/([0-9.]+)`).FindStringSubmatch(text); m == nil || m[1] != compatible {
		t.Errorf("no version in %q", text)
	}
	for want, there := range map[string]bool{
		"--with-http_realip_module": true, "--without-http_gzip_module": false, "--with-http_gzip_module": false,
		"--without-http_grpc_module": true, "http_ssl": false, "http_v2": false, "--build=": false, "=dynamic": false,
		"dav": false, "OpenSSL": false, "(wheelpit/0.1.0)": true,
	} {
		if strings.Contains(text, want) != there {
			t.Errorf("%q is there: %v, in %q", want, !there, text)
		}
	}
}

func TestPlace(t *testing.T) {
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		want place
	}{
		{"", place{Conf: "/etc/nginx/nginx.conf", ConfPrefix: "/etc/nginx/", Prefix: "/usr/share/nginx/", ErrorLog: "/var/log/nginx/error.log", PID: "/run/nginx.pid"}},
		{"-p /x -c n.conf -e e.log", place{Conf: "/x/n.conf", ConfPrefix: "/x/", Prefix: "/x/", ErrorLog: "/x/e.log", PID: "/run/nginx.pid"}},
		{"-p /x/ -c sub/n.conf -e stderr", place{Conf: "/x/sub/n.conf", ConfPrefix: "/x/sub/", Prefix: "/x/", ErrorLog: "stderr", PID: "/run/nginx.pid"}},
		{"-p y -c /n.conf", place{Conf: "/n.conf", ConfPrefix: "/", Prefix: wd + "/y/", ErrorLog: "/var/log/nginx/error.log", PID: "/run/nginx.pid"}},
	} {
		o, err := parseOptions(split(c.args))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := newPlace(o, DefaultPaths); err != nil || got != c.want {
			t.Errorf("%q: %+v, %v; want %+v", c.args, got, err, c.want)
		}
	}
}

// FuzzOptions: whatever the arguments, the parser ends, and a value is a suffix of an argument.
func FuzzOptions(f *testing.F) {
	for _, c := range wrongOptions {
		f.Add(c.args)
	}
	f.Add("-tqc FILE -p/dir")
	f.Fuzz(func(t *testing.T, line string) {
		o, err := parseOptions(split(line))
		if err != nil {
			return
		}
		for _, v := range []string{o.conf, o.prefix, o.errorLog, o.global, o.signal} {
			if !strings.Contains(line, v) {
				t.Errorf("%q gives the value %q", line, v)
			}
		}
		if o.signal != "" && signals[o.signal] == 0 {
			t.Errorf("%q gives the signal %q", line, o.signal)
		}
	})
}
