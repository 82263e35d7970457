package static

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestListingHTML(t *testing.T) {
	at := fileInfo{mtime: 784111777, size: 1234}
	dir := fileInfo{mtime: 784111777, dir: true}
	const date, none = " 06-Nov-1994 08:49 ", "                  -\r\n"
	for _, c := range []struct {
		e    dirEntry
		want string
	}{
		{dirEntry{name: "a", fileInfo: at}, `<a href="a">a</a>` + strings.Repeat(" ", 49) + date + "               1234\r\n"},
		{dirEntry{name: "d", fileInfo: dir}, `<a href="d/">d/</a>` + strings.Repeat(" ", 48) + date + none},
		{dirEntry{name: `<"&'>`, fileInfo: dir}, `<a href="%3C%22%26%27%3E/">&lt;&quot;&amp;'&gt;/</a>` + strings.Repeat(" ", 44) + date + none},
		{dirEntry{name: "javascript:x", fileInfo: dir}, `<a href="javascript%3Ax/">javascript:x/</a>` + strings.Repeat(" ", 37) + date + none},
		{dirEntry{name: strings.Repeat("n", 50), fileInfo: dir}, `<a href="` + strings.Repeat("n", 50) + `/">` + strings.Repeat("n", 50) + `</a>` + date + none},
		{dirEntry{name: strings.Repeat("n", 49), fileInfo: dir}, `<a href="` + strings.Repeat("n", 49) + `/">` + strings.Repeat("n", 49) + `/</a>` + date + none},
		{dirEntry{name: strings.Repeat("n", 51), fileInfo: dir}, `<a href="` + strings.Repeat("n", 51) + `/">` + strings.Repeat("n", 47) + `..&gt;</a>` + date + none},
		{dirEntry{name: strings.Repeat("ü", 51), fileInfo: dir}, `<a href="` + strings.Repeat("%C3%BC", 51) + `/">` + strings.Repeat("ü", 47) + `..&gt;</a>` + date + none},
		{dirEntry{name: strings.Repeat("\xff", 51), fileInfo: dir}, `<a href="` + strings.Repeat("%FF", 51) + `/">` + strings.Repeat("\xff", 47) + `..&gt;</a>` + date + none},
		{dirEntry{name: "ü", fileInfo: dir}, `<a href="%C3%BC/">ü/</a>` + strings.Repeat(" ", 48) + date + none},
	} {
		page := string(appendHTML(nil, "/<x>/", []dirEntry{c.e}))
		const head = "<html>\r\n<head><title>Index of /&lt;x&gt;/</title></head>\r\n<body>\r\n<h1>Index of /&lt;x&gt;/</h1><hr><pre><a href=\"../\">../</a>\r\n"
		if want := head + c.want + "</pre><hr></body>\r\n</html>\r\n"; page != want {
			t.Errorf("%q:\n%q, want\n%q", c.e.name, page, want)
		}
	}
}

func TestListingJSON(t *testing.T) {
	if got := string(appendJSON(nil, nil)); got != "[\r\n]" {
		t.Errorf("of nothing: %q", got)
	}
	got := string(appendJSON(nil, []dirEntry{
		{name: "d", fileInfo: fileInfo{dir: true, size: 4096}},
		{name: "a\"\\\n\x01\x1fü\xff", fileInfo: fileInfo{mtime: 784111777, size: 5}},
		{name: "fifo", special: true},
	}))
	want := "[\r\n{ \"name\":\"d\", \"type\":\"directory\", \"mtime\":\"Thu, 01 Jan 1970 00:00:00 GMT\" },\r\n" +
		"{ \"name\":\"a\\\"\\\\\\n\\u0001\\u001Fü\uFFFD\", \"type\":\"file\", \"mtime\":\"Sun, 06 Nov 1994 08:49:37 GMT\", \"size\":5 },\r\n" +
		"{ \"name\":\"fifo\", \"type\":\"other\", \"mtime\":\"Thu, 01 Jan 1970 00:00:00 GMT\" }\r\n]"
	if got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}

var listedLine = regexp.MustCompile(`^<a href="[A-Za-z0-9%._~/-]+">[^<>"]*</a> *$`)

// Whatever a file is called, its line is one link and its JSON is read back as the name.
func FuzzListing(f *testing.F) {
	for _, s := range []string{"a", "<b>", "a:b", `"`, "\n", "\xff", "ü", strings.Repeat("日", 60), strings.Repeat("<", 50), "../"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, name string, dir bool) {
		if name == "" {
			return
		}
		e := dirEntry{name: name, fileInfo: fileInfo{dir: dir}}
		line := string(appendNameColumn(append(appendEscapedName([]byte(`<a href="`), name), `">`...), &e, false))
		if !listedLine.MatchString(line) {
			t.Errorf("%q: %q", name, line)
		}
		var back []struct{ Name string }
		if err := json.Unmarshal(appendJSON(nil, []dirEntry{e}), &back); err != nil || len(back) != 1 || utf8.ValidString(name) && back[0].Name != name {
			t.Errorf("%q: %v %v", name, back, err)
		}
	})
}

// What is listed: in order, links as what they lead to, none that leads out or nowhere, special files as such.
func TestReadDir(t *testing.T) {
	dir := maze(t)
	if err := os.Symlink("nowhere", filepath.Join(dir, "dangling")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".dot"), nil, 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		symlinks Symlinks
		hide     bool
		want     string
	}{
		{Beneath, false, "a/ c/ .dot back f fifo*"},
		{Beneath, true, "a/ c/ back f fifo*"},
		{None, true, "a/ c/ f fifo*"},
		{Follow, true, "a/ c/ up/ abs back f fifo* out"},
	} {
		files, err := New(Options{Root: dir, Symlinks: c.symlinks, HideDotfiles: c.hide, Revalidate: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		entries, err := files.readDir("", files.opt.HideDotfiles)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			switch {
			case e.dir:
				e.name += "/"
			case e.special:
				e.name += "*"
			}
			got = append(got, e.name)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("policy %d: %s, want %s", c.symlinks, s, c.want)
		}
		if _, err := files.readDir("f", false); statusOf(err) != 404 {
			t.Errorf("a file as a directory: %v", err)
		}
	}
}
