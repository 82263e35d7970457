package conf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// realTree is a copy of the directory of a configuration, the prefix of nginx.
type realTree struct {
	t      *testing.T
	dir    string
	file   string // the configuration, within dir
	cert   string // a certificate with its key
	before string // what the http block has to say before the file, which is a part of it
	faults map[string]bool
}

// frames are the places that a file may belong to: the text around an include of it.
var frames = []string{"%s", "%s events { }", "events { } http { %s }", "events { } http { server { %s } }"}

// partOfHTTP is the frame of what is included in an http block.
const partOfHTTP = 2

func newRealTree(t *testing.T, file string) *realTree {
	t.Helper()
	tree := &realTree{t: t, dir: t.TempDir(), faults: map[string]bool{}}
	from := filepath.Dir(file)
	for _, up := range []string{"sites-available", "sites-enabled", "conf.d", "site-confs", "servers"} {
		if filepath.Base(from) == up {
			from = filepath.Dir(from)
		}
	}
	if out, err := exec.Command("cp", "-rL", from+"/.", tree.dir).CombinedOutput(); err != nil && len(out) == 0 {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(from, file)
	if err != nil {
		t.Fatal(err)
	}
	tree.file = filepath.Join(tree.dir, rel)
	tree.cert = filepath.Join(tree.dir, "made-up.pem")
	tree.write("made-up.pem", certificate())
	tree.edit(logsInSystem, "${1}made-up.log${2}")
	return tree
}

// certificate makes a certificate with its key, once; empty when there is no openssl.
var certificate = sync.OnceValue(func() string {
	out, _ := exec.Command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a", "-keyout", "-").Output()
	return string(out)
})

// logsInSystem are logs and other files that nginx -t would make outside of the copy.
var logsInSystem = regexp.MustCompile(`(?m)^(\s*(?:access_log|error_log|pid|lock_file)\s+)/[^\s;]+(.*)$`)

func (tree *realTree) write(name, text string) {
	path := filepath.Join(tree.dir, name)
	_ = os.MkdirAll(filepath.Dir(path), 0o755)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tree.t.Fatal(err)
	}
}

// edit replaces in all files of the copy.
func (tree *realTree) edit(what *regexp.Regexp, with string) {
	_ = filepath.Walk(tree.dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || info.Size() > 1<<20 {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if edited := what.ReplaceAll(text, []byte(with)); !bytes.Equal(edited, text) {
			return os.WriteFile(path, edited, 0o644)
		}
		return nil
	})
}

// settle finds the place of the file and makes up what is missing, until nginx accepts it or refuses it for what it says. It
// returns the main file and nginx's message, without the time.
func (tree *realTree) settle() (main, message string) {
	frame := 0
	for range 100 {
		main = filepath.Join(tree.dir, "made-up-main.conf")
		tree.write("made-up-main.conf", fmt.Sprintf(frames[frame], tree.before+"include "+tree.file+";"))
		message = tree.test(main)
		misplaced := strings.Contains(message, "directive is not allowed here in "+tree.file) || strings.HasPrefix(message, `no "events" section`)
		switch {
		case misplaced && frame+1 < len(frames):
			frame++
		case frame == partOfHTTP && tree.define(message):
		case message == "" || !tree.makeUp(message):
			return main, message
		}
	}
	return main, message
}

var emerg = regexp.MustCompile(`\[emerg\] (?:\d+#\d+: )?(.*)`)

// test runs nginx -t and returns its first error.
func (tree *realTree) test(main string) string {
	out, err := exec.Command("nginx", "-t", "-p", tree.dir+"/", "-c", main, "-e", filepath.Join(tree.dir, "error.log")).CombinedOutput()
	if found := emerg.FindSubmatch(out); found != nil && err != nil {
		return string(found[1])
	}
	return ""
}

// outside are messages about what the rest of an http block would have defined.
var outside = []struct {
	message    *regexp.Regexp
	definition string
}{
	{regexp.MustCompile(`^unknown log format "([^"]+)"`), "log_format %s '$uri'; "},
	{regexp.MustCompile(`^unknown "([^"]+)" variable`), "map $uri $%s { } "},
	{regexp.MustCompile(`^zero size shared memory zone "([^"]+)"`), "limit_req_zone $uri zone=%s:1m rate=1r/s; "},
	{regexp.MustCompile(`^no port in upstream "([^"]+)"`), "upstream %s { server 127.0.0.1:9; } "},
}

// define defines what a message misses, and reports whether it did.
func (tree *realTree) define(message string) bool {
	for _, o := range outside {
		if found := o.message.FindStringSubmatch(message); found != nil && !tree.faults[message] {
			tree.faults[message] = true
			tree.before += fmt.Sprintf(o.definition, found[1])
			return true
		}
	}
	return false
}

// missing are messages about what is missing on this machine: the name in them is replaced by what is there.
var missing = []struct {
	message *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`^host not found in (?:upstream |resolver |set_real_ip_from )?"([^":/]+)`), "127.0.0.1"},
	{regexp.MustCompile(`^(?:invalid host|host not found) in .* "([^":/]+)`), "127.0.0.1"},
	{regexp.MustCompile(`^cannot load certificate(?: key)? "([^"]+)"`), "CERT"},
	{regexp.MustCompile(`^(?:SSL_CTX_load_verify_locations|SSL_CTX_load_verify_file|BIO_new_file|ngx_ssl_stapling_file|PEM_read_bio_DHparams)\("([^"]+)"\)`), "CERT"},
	{regexp.MustCompile(`^getpw(?:nam)\("([^"]+)"\)`), "root"},
	{regexp.MustCompile(`^getgr(?:nam)\("([^"]+)"\)`), "root"},
	{regexp.MustCompile(`^bind\(\) to ([0-9.]+):`), "127.0.0.1"},
	{regexp.MustCompile(`^bind\(\) to (\[[0-9a-f:]+\]):`), "[::1]"},
	{regexp.MustCompile(`^"(aio on)" is unsupported`), "aio off"},
	{regexp.MustCompile(`^(?:mkdir|open|dlopen)\(\) "([^"]+)"`), "FILE"},
}

// makeUp makes up what a message misses, and reports whether it did.
func (tree *realTree) makeUp(message string) bool {
	if tree.faults[message] {
		return false
	}
	tree.faults[message] = true
	for _, m := range missing {
		found := m.message.FindStringSubmatch(message)
		if found == nil {
			continue
		}
		name, with := found[1], m.with
		if with == "CERT" {
			with = tree.cert
		}
		if inside, ok := strings.CutPrefix(name, tree.dir+"/"); ok {
			if with == "FILE" {
				tree.write(inside, shipped(inside))
				return true
			}
			name = inside
		}
		if with == "FILE" {
			with = filepath.Join("made-up", filepath.Base(name))
			tree.write(with, shipped(name))
		}
		tree.edit(regexp.MustCompile(`(^|[\s"'/@:=])`+regexp.QuoteMeta(name)+`([\s"';:/]|$)`), "${1}"+with+"${2}")
		return true
	}
	return false
}

// shipped returns the text of a file that NGINX brings along.
func shipped(name string) string {
	text, _ := os.ReadFile(filepath.Join("/etc/nginx", filepath.Base(name)))
	return string(text)
}
