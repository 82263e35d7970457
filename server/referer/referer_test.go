package referer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
	"github.com/wheelpit/wheelpit/server/referer"
)

// config reads the arguments of valid_referers.
func config(args string, serverNames ...string) referer.Config {
	var c referer.Config
	for _, a := range strings.Fields(args) {
		switch a {
		case "none":
			c.None = true
		case "blocked":
			c.Blocked = true
		case "server_names":
			c.ServerNames = serverNames
		default:
			c.Names = append(c.Names, a)
		}
	}
	return c
}

func newReferers(t testing.TB, c referer.Config) *referer.Referers {
	t.Helper()
	r, err := referer.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var lists = []string{
	"none blocked www.example.com", "example.com/path", "*.example.com", ".example.com", "www.example.*", "*.example.com/a www.example.com/b", "~\\.google\\. a.b",
	"~^Example\\.com/x", "server_names", "server_names none other.org/p", ".a.b.c *.b.c b.*", "example.com", "*.com *.example.com/only",
}

var referers = []string{"-", "", "x", "http://", "http://i.r", "http://a.b/", "http://www.example.com", "HTTP://WWW.EXAMPLE.COM/", "https://www.example.com:8443/path", "ftp://www.example.com/", "www.example.com/long enough",
	"http://example.com/path", "http://example.com/pathology", "http://example.com/pat", "http://example.com:80/path", "http://example.com?/path", "http://example.com/PATH",
	"http://sub.example.com/", "http://sub.sub.example.com/a", "http://sub.example.com/b", "http://www.example.com/a", "http://www.example.com/b", "http://.example.com/", "http://notexample.com/",
	"http://www.example.org/", "http://www.example.co.uk/", "http://www.example./x", "http://www.example.", "http://www.google.com/search", "http://www.google.de/search?q=.google.", "http://x/?u=.google.com", "http://xexample.com/x",
	"http://example.com/x", "http://server.test/", "http://a.server.test/any", "http://regex7.test/", "http://other.org/p", "http://other.org/", "http://x.a.b.c/", "http://a.b.c/", "http://x.b.c/", "http://b.c/", "http://b.x/",
	"http://" + strings.Repeat("a", 255) + "/", "http://" + strings.Repeat("a", 256) + "/", "http://" + strings.Repeat("a", 257) + ".example.com/", "http:///path/long", "http://user@example.com/path", "http://[::1]/aaaaaaaa"}

func TestAgainstNginx(t *testing.T) {
	names := []string{"server.test", "*.server.test", "~^regex\\d\\.test$"}
	var conf strings.Builder
	fmt.Fprintf(&conf, "server_name %s;\n", strings.Join(names, " "))
	for i, l := range lists {
		fmt.Fprintf(&conf, "location = /%d { valid_referers %s; add_header X \"=$invalid_referer\" always; empty_gif; }\n", i, l)
	}
	s := nginxtest.Start(t, t.TempDir(), "", conf.String())
	for i, l := range lists {
		r := newReferers(t, config(l, names...))
		for _, from := range referers {
			head := fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: a\r\n", i)
			c := pipelinetest.NewCtx(t, "GET", "/")
			if from != "-" {
				head += "Referer: " + from + "\r\n"
				c = pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Referer", from))
			}
			want := s.Do("", head).Header.Get("X")
			if got, ok := r.Append(c, []byte("=")); !ok || string(got) != want {
				t.Errorf("%s: %.60q: %s, nginx %s", l, from, got, want)
			}
		}
	}
}

func TestConfig(t *testing.T) {
	if !newReferers(t, referer.Config{}).Valid(pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Referer", "http://anywhere.example/"))) {
		t.Error("nothing is asked, so everything is valid")
	}
	for args, want := range map[string]string{
		"none": "without any valid referer", "blocked ~x": "without any valid referer", "a.b A.B/x": "conflicting parameter", ".a.b a.b": "conflicting parameter", "~": "empty regex", "~(": "missing closing",
		"*": "invalid hostname or wildcard", "a*b": "invalid hostname or wildcard", "*.a.*": "invalid hostname or wildcard", "a..b": "invalid hostname or wildcard",
	} {
		if _, err := referer.New(config(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
	if _, err := referer.New(referer.Config{Names: []string{""}}); err == nil {
		t.Error("an empty name")
	}
}

func FuzzReferer(f *testing.F) {
	for _, s := range referers {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, from string) {
		if len(from) > 1000 {
			return // a head is refused for a field line of more than 8 KiB
		}
		for _, b := range []byte(from) {
			if b < ' ' || b == 0x7f {
				return
			}
		}
		c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Referer", from))
		r := newReferers(t, config("none blocked .example.com www.test.*/p"))
		valid := r.Valid(c)
		from = strings.Trim(from, " ")
		host, ok := strings.CutPrefix(strings.ToLower(from), "http://")
		if !ok {
			host, ok = strings.CutPrefix(host, "https://")
		}
		if host, _, _ = strings.Cut(host, "/"); ok && len(from) >= 11 && valid {
			if host, _, _ = strings.Cut(host, ":"); host != "example.com" && !strings.HasSuffix(host, ".example.com") && !strings.HasPrefix(host, "www.test.") {
				t.Errorf("%q is valid", from)
			}
		}
	})
}
