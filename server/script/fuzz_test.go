package script_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/script"
)

// reference finds the variables of a text as NGINX's documentation describes them.
var reference = regexp.MustCompile(`\$(?:([1-9])|([0-9A-Za-z_]+)|\{([0-9A-Za-z_]+)\})`)

// FuzzCompile compares scripts with replacing by an expression. Every variable shows its name.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{"", "a", "$a", "${a}b", "$a$b", "x$1y", "$10", "${1}", "$", "a$", "${", "${a", "${}", "$-", "$$a", "$A_b9.c", "${a}}", "\x00$a\xff", "$a${b}$c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "$") && len(text) > 200 {
			t.Skip()
		}
		want := reference.ReplaceAllStringFunc(text, func(s string) string {
			if m := reference.FindStringSubmatch(s); m[1] == "" {
				return "<" + strings.ToLower(m[2]+m[3]) + ">"
			}
			return ""
		})
		bad := strings.Contains(reference.ReplaceAllString(text, ""), "$") || strings.Contains(text, "${}")
		tab := new(script.Table)
		tab.AddPrefix("", func(rest string) script.Getter {
			return func(_ *pipeline.Ctx, dst []byte) ([]byte, bool) {
				return append(append(append(dst, '<'), rest...), '>'), true
			}
		})
		s, err := script.Compile(text, tab)
		if (err != nil) != bad {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			return
		}
		if err := tab.Resolve(); err != nil {
			t.Fatal(err)
		}
		if got := string(s.Append(get(t, "/"), nil)); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
		if constant, ok := s.Const(); ok != !strings.Contains(text, "$") || ok && constant != text {
			t.Errorf("%q is constant: %t %q", text, ok, constant)
		}
	})
}

// FuzzProgram runs rewrites on any target: they end, and leave a path.
func FuzzProgram(f *testing.F) {
	for _, target := range rewriteTargets {
		f.Add(target)
	}
	var blocks strings.Builder
	for _, text := range rewriteServers[:26] {
		blocks.WriteString("server { server_name x; " + text + " }\n")
	}
	all := fronts(f, blocks.String())
	f.Fuzz(func(t *testing.T, target string) {
		for _, fr := range all {
			c, err := parse(transport{}, "GET "+target+" HTTP/1.1\r\nHost: x\r\n\r\n")
			if err != nil {
				t.Skip()
			}
			if r, done := fr.serve(c); done && (r.status < 200 || r.status > 600) || c.PathView() == "" {
				t.Errorf("%q ends with %d and the path %q", target, r.status, c.PathView())
			}
		}
	})
}
