package securelink

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// query is the value of "$arg_name" of plain queries.
func query(c *pipeline.Ctx, name string) string {
	for pair := range strings.SplitSeq(string(c.QueryBytes()), "&") {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			return v
		}
	}
	return ""
}

// links are "secure_link $arg_md5,$arg_e" or, in the first, without the end; the text is "secret$uri$arg_e".
func links(t testing.TB, expires bool) *Link {
	t.Helper()
	l, err := New(Config{
		Link: func(c *pipeline.Ctx, dst []byte) []byte {
			dst = append(dst, query(c, "md5")...)
			if expires {
				dst = append(append(dst, ','), query(c, "e")...)
			}
			return dst
		},
		MD5: func(c *pipeline.Ctx, dst []byte) []byte {
			return append(append(append(dst, "secret"...), c.PathView()...), query(c, "e")...)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func sign(text string) string {
	sum := md5.Sum([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func show(b []byte, ok bool) string {
	if !ok {
		return "-"
	}
	return string(b[2:])
}

func ask(t testing.TB, l *Link, target string) string {
	c := pipelinetest.NewCtx(t, "GET", target)
	return show(l.Append(c, []byte("x="))) + " " + show(l.AppendExpires(c, []byte("y=")))
}

func TestAgainstNginx(t *testing.T) {
	s := nginxtest.Start(t, t.TempDir(), "", `
		location /plain { secure_link $arg_md5; secure_link_md5 secret$uri$arg_e; add_header X "$secure_link|$secure_link_expires" always; empty_gif; }
		location /time { secure_link $arg_md5,$arg_e; secure_link_md5 secret$uri$arg_e; add_header X "$secure_link|$secure_link_expires" always; empty_gif; }
		location /old { secure_link_secret word; add_header X "$secure_link|$secure_link_expires" always; empty_gif; }`)
	old, err := New(Config{Secret: "word"})
	if err != nil {
		t.Fatal(err)
	}
	future, past := fmt.Sprint(time.Now().Unix()+1000), "1000000000"
	right := sign("secret/plain")
	hash := fmt.Sprintf("%x", md5.Sum([]byte("a/b?c=dword")))
	targets := []string{"/plain", "/plain?md5=" + right, "/plain?md5=" + right + "==", "/plain?md5=" + right + "=", "/plain?md5=" + right + "===", "/plain?md5=" + right[1:], "/plain?md5=" + right + "A",
		"/plain?md5=" + right + "AA", "/plain?md5=" + right + "AAA", "/plain?md5=" + right + "=A", "/plain?md5=" + strings.ReplaceAll(right, "-", "+"), "/plain?md5=" + right[:21] + "*", "/plain?md5=" + right + ",",
		"/plain?md5=" + right + ",5", "/plain?md5=" + right + ",0", "/plain?md5=" + right + ",-1", "/plain?md5=x,7", "/plain?md5=" + strings.Repeat("A", 25)}
	for _, e := range []string{future, past, "", "0", "-5", "12x", "0000000005", "99999999999999999999999", "9223372036854775807", "9223372036854775808", "1.5"} {
		targets = append(targets, "/time?e="+e+"&md5="+sign("secret/time"+e), "/time?e="+e+"&md5="+sign("other/time"+e), "/time?e="+e)
	}
	targets = append(targets, "/old/"+hash+"/a/b?c=d", "/old/"+strings.ToUpper(hash)+"/a/b?c=d", "/old/"+hash+"/a/b", "/old/"+hash+"/", "/old/"+hash, "/old/", "/old", "/old/"+hash[1:]+"/a/b?c=d",
		"/old/"+hash[1:]+"g/a/b?c=d", "/old//"+hash+"/a/b?c=d", "/old/x"+hash+"/a/b?c=d", "/old/"+hash+"/a/%62?c=d", "/old/"+hash+"//a/b?c=d")
	for _, target := range targets {
		l := old
		if !strings.HasPrefix(target, "/old") {
			l = links(t, strings.HasPrefix(target, "/time"))
		}
		got := strings.Replace(strings.ReplaceAll(ask(t, l, target), "-", ""), " ", "|", 1)
		want := s.Do("", "GET "+target+" HTTP/1.1\r\nHost: a\r\n").Header.Get("X")
		if got != want {
			t.Errorf("%s: %s, nginx %s", target, got, want)
		}
	}
}

func TestExpires(t *testing.T) {
	l := links(t, true)
	l.now = func() int64 { return 1000 }
	for e, want := range map[string]string{"999": "0 999", "1000": "1 1000", "1001": "1 1001", "x": "- -", "": "- -", "0": "- -"} {
		if got := ask(t, l, "/time?e="+e+"&md5="+sign("secret/time"+e)); got != want {
			t.Errorf("%q: %s, want %s", e, got, want)
		}
	}
}

func TestConfig(t *testing.T) {
	if _, err := New(Config{Secret: "x", MD5: pipeline.Literal("y")}); err == nil {
		t.Error("both kinds at once")
	}
	l, err := New(Config{Link: pipeline.Literal("x")})
	if err != nil || ask(t, l, "/") != "- -" {
		t.Error("a link without a sum is not found", err)
	}
	old, err := New(Config{Secret: "word"})
	if err != nil {
		t.Fatal(err)
	}
	hash := fmt.Sprintf("%x", md5.Sum([]byte("linkword")))
	b, ok := old.Append(pipelinetest.NewCtx(t, "GET", "http://host/p/"+hash+"/link"), nil)
	if !ok || string(b) != "link" || strings.Contains(string(b[:cap(b)]), "word") {
		t.Errorf("%q %v", b[:cap(b)], ok)
	}
}

func FuzzLink(f *testing.F) {
	for _, s := range []string{"", sign("secret/plain"), sign("secret/plain") + "==", "A,1", ",", "=,=", strings.Repeat("A", 24)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, link string) {
		l, err := New(Config{Link: pipeline.Literal(link), MD5: pipeline.Literal("text")})
		if err != nil {
			t.Fatal(err)
		}
		c := pipelinetest.NewCtx(t, "GET", "/")
		got, ok := l.Append(c, nil)
		sum, expires, timed := strings.Cut(link, ",")
		sum, _, _ = strings.Cut(sum, "=")
		b, err := base64.RawURLEncoding.DecodeString(sum)
		want := md5.Sum([]byte("text"))
		if ok && (err != nil || string(b) != string(want[:]) || timed && strings.Trim(expires, "0123456789") != "") {
			t.Errorf("%q is %q", link, got)
		}
	})
}
