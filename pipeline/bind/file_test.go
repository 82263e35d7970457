package bind_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wheelpit/wheelpit/pipeline/bind"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestSafeName(t *testing.T) {
	long := strings.Repeat("é", 200)
	for name, want := range map[string]string{
		"a.txt":                  "a.txt",
		"":                       "",
		" ":                      "",
		".":                      "",
		"..":                     "",
		"/":                      "",
		`\`:                      "",
		"..hidden":               "..hidden",
		".htaccess":              ".htaccess",
		"/etc/passwd":            "passwd",
		`C:\Users\x\a.doc`:       "a.doc",
		"a/../../b":              "b",
		"a&#x2F;b&#92;c":         "c",
		"a&amp;b.txt":            "a&b.txt",
		"a\x00b\r\n\x7f.txt":     "ab.txt",
		"\u202egpj.exe":          "gpj.exe",
		"\xff.txt":               "\ufffd.txt",
		" . ":                    "",
		"./.\x00.":               "",
		long + ".txt":            strings.Repeat("é", 125) + ".txt",
		"." + long:               "." + strings.Repeat("é", 127),
		strings.Repeat("a", 300): strings.Repeat("a", 255),
	} {
		got := bind.SafeName(name)
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"a.txt", "../x", `C:\a`, "&#47;", "\xff\x00", strings.Repeat("é.", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := bind.SafeName(s)
		if name == "" {
			return
		}
		if len(name) > 255 || !utf8.ValidString(name) || name != filepath.Base(name) || !filepath.IsLocal(name) || strings.ContainsAny(name, "/\\\x00\r\n") {
			t.Errorf("%q becomes %q", s, name)
		}
	})
}

func upload(t *testing.T, name, content string, memory int64) *bind.File {
	t.Helper()
	ctx := pipelinetest.NewCtx(t, "POST", "/", multi(file("f", name, content)))
	b := &bind.Binder{Limits: bind.Limits{FileMemory: memory}}
	b.ProcessRequest(ctx)
	form, err := bind.ReadForm(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return form.File("f")
}

func TestSaveTo(t *testing.T) {
	for _, memory := range []int64{1, 1 << 20} {
		root := t.TempDir()
		dir := filepath.Join(root, "in")
		if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(root, filepath.Join(dir, "out")); err != nil {
			t.Fatal(err)
		}
		f := upload(t, "a.txt", "first", memory)
		want := func(name, content string) {
			t.Helper()
			if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != content {
				t.Errorf("%s: %q %v", name, b, err)
			}
		}
		for _, name := range []string{"", "b", "sub/c"} {
			if err := f.SaveTo(dir, name); err != nil {
				t.Error(err)
			}
		}
		want("a.txt", "first")
		want("b", "first")
		want("sub/c", "first")
		g := upload(t, "a.txt", "second", memory)
		if err := g.SaveTo(dir, ""); !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
		want("a.txt", "first")
		for _, name := range []string{"", "sub/new"} {
			if err := g.SaveTo(dir, name, bind.Overwrite); err != nil {
				t.Error(err)
			}
		}
		want("a.txt", "second")
		want("sub/new", "second")
		for _, name := range []string{"../x", "/x", "out/x", "sub/../../x", "no/x", "sub"} {
			for _, options := range [][]bind.SaveOption{nil, {bind.Overwrite}} {
				if err := g.SaveTo(dir, name, options...); err == nil {
					t.Errorf("saved as %s", name)
				}
			}
		}
		if err := g.SaveTo(filepath.Join(dir, "none"), ""); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		left, _ := filepath.Glob(filepath.Join(root, "*"))
		parts, _ := filepath.Glob(filepath.Join(dir, ".upload*"))
		if len(left) != 1 || len(parts) != 0 {
			t.Errorf("left behind: %v %v", left, parts)
		}
	}
}
