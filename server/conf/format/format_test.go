package format

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/conf"
)

var goldens = []struct{ name, text, want string }{
	{"indent", "http{server{listen 80;location /{return 200;}}}", `http {
    server {
        listen 80;
        location / {
            return 200;
        }
    }
}
`},
	{"spaces", "\t user   www-data\t; \r\n\r\n\r\n\r\npid  a.pid ;", "user www-data;\n\npid a.pid;\n"},
	{"empty lines at the ends of blocks", "\n\nhttp {\n\n\n  gzip on;\n\n\n}\n\n\n", "http {\n    gzip on;\n}\n"},
	{"empty file", "\n \n", ""},
	{"empty block", "events\n{\n\n}\nhttp { # why\n}\n", "events {}\nhttp { # why\n}\n"},
	{"comments", "  # one  \r\na b; # two\nhttp { # three\n\n# four\n\n\n# five\n}# six", `# one
a b; # two
http { # three
    # four

    # five
} # six
`},
	{"comments in a column", "a b; # x\nlonger name; # y\n\nc; # z\n", "a b;         # x\nlonger name; # y\n\nc; # z\n"},
	{"quotes and escapes", `log_format  a  "x\"y"   'z "q" \t'  b\ c \; d${e}f  $g;`, `log_format a "x\"y" 'z "q" \t' b\ c \; d${e}f $g;` + "\n"},
	{"a quoted word over two lines", "return 200 'a\n   b  ' ;", "return 200 'a\n   b  ';\n"},
	{"a bracket behind a quote", `location / { if ($a = "b") { return 200; } if ( $a = 'b' ) { break; } }`, `location / {
    if ($a = "b") {
        return 200;
    }
    if ( $a = 'b' ) {
        break;
    }
}
`},
	{"a list over lines", "server_name a\n  b # why\n\n  c\n;\nx\n{y;}", "server_name a\n    b # why\n    c;\nx {\n    y;\n}\n"},
	{"comments in a directive", "a # one\n  # two\n  b # three\n;", "a # one\n    # two\n    b # three\n;\n"},
	{"a brace behind a comment", "server # one\n{ a; }", "server # one\n{\n    a;\n}\n"},
	{"data in columns", "types { text/html  html htm;\n\n a/b c;\n image/svg+xml svg; # x\n d/e f; }", `types {
    text/html html htm;

    a/b           c;
    image/svg+xml svg; # x
    d/e           f;
}
`},
	{"data with wide keys", "map $a $b { " + strings.Repeat("k", 61) + " 1; default 2; }", "map $a $b {\n    " + strings.Repeat("k", 61) + " 1;\n    default 2;\n}\n"},
	{"lua is left", "content_by_lua_block { if x then\n      return {1, 2}\n  end }\na;", "content_by_lua_block { if x then\n      return {1, 2}\n  end }\na;\n"},
	{"braces and hashes inside words", "rewrite ^/a#b}c$ /d}; a $${x}{b;}", "rewrite ^/a#b}c$ /d};\na $${x} {\n    b;\n}\n"},
}

func TestGoldens(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			got, err := Source("nginx.conf", []byte(g.text))
			if err != nil || string(got) != g.want {
				t.Fatalf("%v\n%s\nwant\n%s", err, got, g.want)
			}
			again, err := Source("nginx.conf", got)
			if err != nil || string(again) != g.want {
				t.Errorf("formatted again: %v\n%s", err, again)
			}
		})
	}
}

func TestUnclosedLuaIsRefused(t *testing.T) {
	if out, err := Source("nginx.conf", []byte("content_by_lua_block { x = {}")); err == nil {
		t.Errorf("%q", out)
	}
}

func TestSyntaxErrorsAreRefused(t *testing.T) {
	for _, text := range []string{"a", "a {", "}", "a 'b", "a 'b'c;", ";", "{ }"} {
		out, err := Source("nginx.conf", []byte(text))
		var errs conf.Errors
		if out != nil || !errors.As(err, &errs) {
			t.Errorf("%q: %q, %v", text, out, err)
		}
	}
}

// TestInstalledFiles formats the configuration of the nginx that is installed.
func TestInstalledFiles(t *testing.T) {
	files, _ := filepath.Glob("/etc/nginx/*")
	more, _ := filepath.Glob("/etc/nginx/*/*")
	tried := 0
	for _, name := range append(files, more...) {
		text, err := os.ReadFile(name)
		if _, errs := conf.ParseText(name, text); err != nil || len(errs) > 0 {
			continue // a directory, or a table that is no configuration
		}
		once, err := Source(name, text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if twice, err := Source(name, once); err != nil || string(twice) != string(once) {
			t.Errorf("%s changes when it is formatted again: %v", name, err)
		}
		tried++
	}
	if tried == 0 {
		t.Skip("no nginx is installed")
	}
}

// FuzzSource: the result means the same, keeps every word and comment as it was written, and stays as it is.
func FuzzSource(f *testing.F) {
	for _, g := range goldens {
		f.Add(g.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, err := Source("nginx.conf", []byte(text))
		if errors.Is(err, ErrChanged) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		if a, b := written(text), written(string(out)); a != b {
			t.Fatalf("words and comments\n%q\nbecame\n%q", a, b)
		}
		again, err := Source("nginx.conf", out)
		if err != nil || string(again) != string(out) {
			t.Fatalf("%v\n%q\nformatted again\n%q", err, out, again)
		}
	})
}

// written joins what was written, without the space between.
func written(text string) string {
	var b strings.Builder
	for _, t := range scan(text) {
		b.WriteString(t.text + "\x00")
	}
	return b.String()
}
