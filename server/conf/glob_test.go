package conf

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// globNames are files in the directory of the patterns; those of sub are in one below it.
var globNames = []string{".a.conf.swp", ".conf", "a.conf", "b.conf", "B.conf", "1.conf", "_.conf", "!.conf", "[a", "a]", "x-y", `q\`, "sub/s.conf", "sub/.s.conf", ".hid/h.conf"}

var globTests = []struct{ pattern, want string }{
	{"*.conf", "!.conf 1.conf B.conf _.conf a.conf b.conf"},
	{"*", "!.conf 1.conf B.conf [a _.conf a.conf a] b.conf q\\ sub x-y"},
	{".*.swp", ".a.conf.swp"}, {"[.]conf", ""}, {"?conf", ""}, {`\.conf`, ".conf"},
	{"[!a].conf", "!.conf 1.conf B.conf _.conf b.conf"}, {"[^a].conf", "!.conf 1.conf B.conf _.conf b.conf"},
	{"[a-b].conf", "a.conf b.conf"}, {"[b-a].conf", ""}, {"[!].conf", ""}, {"[a!].conf", "!.conf a.conf"},
	{"[[:alpha:]].conf", "B.conf a.conf b.conf"}, {"[[:digit:]_].conf", "1.conf _.conf"}, {"[[:nope:]].conf", ""}, {"[![:alpha:]].conf", "!.conf 1.conf _.conf"},
	{"[a", "[a"}, {"a[]]", "a]"}, {"x[+--]y", "x-y"}, {"x[a-]y", "x-y"}, {`[\a].conf`, "a.conf"},
	{"*/*.conf", "sub/s.conf"}, {"s?b/s.conf", "sub/s.conf"}, {"*/../a.conf", "sub/../a.conf"}, {"*.none", ""}, {"a.c*f*", "a.conf"},
}

func TestGlob(t *testing.T) {
	dir := globDir(t)
	for _, tt := range globTests {
		found, err := Glob(dir + "/" + tt.pattern)
		var got []string
		for _, f := range found {
			got = append(got, strings.TrimPrefix(f, dir+"/"))
		}
		if want := strings.Fields(tt.want); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", tt.pattern, got, err, want)
		}
	}
}

// The files that NGINX reads for a pattern are those that we find, in the same order.
func TestGlobIsNGINXs(t *testing.T) {
	nginx(t)
	dir := globDir(t)
	file := regexp.MustCompile(`(?m)^# configuration file (.*):$`)
	for _, tt := range globTests {
		if tt.pattern == "*" || !strings.ContainsAny(tt.pattern, "*?[") {
			continue // a directory cannot be included; a name is opened as it is
		}
		main := filepath.Join(t.TempDir(), "nginx.conf")
		if err := os.WriteFile(main, []byte("events { }\ninclude \""+strings.ReplaceAll(dir+"/"+tt.pattern, `\`, `\\`)+"\";\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("nginx", "-T", "-e", "/dev/null", "-p", t.TempDir(), "-g", "pid nginx.pid;", "-c", main).CombinedOutput()
		if !strings.Contains(string(out), "syntax is ok") {
			t.Fatalf("%s: %v\n%s", tt.pattern, err, out)
		}
		want := []string{}
		for _, m := range file.FindAllStringSubmatch(string(out), -1)[1:] {
			want = append(want, m[1])
		}
		if got, _ := Glob(dir + "/" + tt.pattern); !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%s\nnginx %q\nours  %q", tt.pattern, want, got)
		}
	}
}

func globDir(t *testing.T) string {
	dir := t.TempDir()
	for _, name := range globNames {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("# nothing\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func FuzzGlob(f *testing.F) {
	for _, tt := range globTests {
		f.Add(tt.pattern, "a.conf")
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if strings.Count(pattern, "*") > 4 || len(name) > 40 {
			t.Skip()
		}
		globMatch(pattern, name)
		if plain := strings.NewReplacer("*", "", "?", "", "[", "", `\`, "").Replace(name); !globMatch(plain, plain) {
			t.Errorf("%q does not match itself", plain)
		}
	})
}
