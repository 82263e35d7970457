package debugpage

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// secretNames match Django's expression, each in a way of its own.
var secretNames = []string{"API", "api_id", "Auth", "X-Auth-User", "token", "csrfmiddlewaretoken", "X-Token", "Key", "sshkey", "SECRET",
	"client_secret", "password", "Passphrase", "signature", "x-SiGnAtUrE-v2"}

// random returns a secret of n bytes that occurs nowhere else.
func random(n int) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	return string(b)
}

// place is a way a secret comes in: the target and options of the request that has it under a name.
type place struct {
	name string
	ask  func(name, secret string) (target string, opts []pipelinetest.Option)
}

func field(name, value string) (string, []pipelinetest.Option) {
	return "/fail", []pipelinetest.Option{pipelinetest.Header(name, value)}
}

var places = []place{
	{"field", field},
	{"field, with a scheme", func(n, s string) (string, []pipelinetest.Option) { return field(n, "Bearer "+s) }},
	{"Authorization, Basic", func(_, s string) (string, []pipelinetest.Option) {
		return field("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("user:"+s)))
	}},
	{"cookie of that name", func(n, s string) (string, []pipelinetest.Option) { return field("Cookie", "a=b; "+n+"="+s) }},
	{"cookie of any name", func(_, s string) (string, []pipelinetest.Option) { return field("Cookie", `sid="`+s+`"`) }},
	{"Set-Cookie", func(_, s string) (string, []pipelinetest.Option) { return field("Set-Cookie", "sid="+s+"; Path=/") }},
	{"query", func(n, s string) (string, []pipelinetest.Option) { return "/fail?a=1&" + n + "=" + s + "&b=2", nil }},
	{"query, escaped", func(n, s string) (string, []pipelinetest.Option) {
		return "/fail?" + escapeAll(n) + "=" + escapeAll(s), nil
	}},
	{"query, behind a semicolon", func(n, s string) (string, []pipelinetest.Option) { return "/fail?a=1;" + n + "=" + s, nil }},
	{"query of a query", func(n, s string) (string, []pipelinetest.Option) {
		return "/fail?next=" + url.QueryEscape("/x?"+n+"="+s), nil
	}},
	{"query of a query of a query", func(n, s string) (string, []pipelinetest.Option) {
		return "/fail?next=" + url.QueryEscape("/x?next="+url.QueryEscape("/y?"+n+"="+s)), nil
	}},
	{"path", func(n, s string) (string, []pipelinetest.Option) { return "/fail;" + n + "=" + s, nil }},
	{"parameter", func(_, s string) (string, []pipelinetest.Option) { return "/reset/" + s + "/", nil }},
	{"parameter, escaped", func(_, s string) (string, []pipelinetest.Option) { return "/reset/" + escapeAll(s) + "/", nil }},
	{"form", func(n, s string) (string, []pipelinetest.Option) {
		return "/fail", []pipelinetest.Option{pipelinetest.Form(url.Values{n: {s}, "a": {"b"}})}
	}},
	{"form, escaped", func(n, s string) (string, []pipelinetest.Option) {
		return "/fail", []pipelinetest.Option{pipelinetest.Body("application/x-www-form-urlencoded; charset=utf-8", escapeAll(n)+"="+escapeAll(s))}
	}},
	{"query of a URL in a field", func(n, s string) (string, []pipelinetest.Option) {
		return field("Referer", "https://h/x?a=1&"+escapeAll(n)+"="+s+"#top")
	}},
	{"user information of a URL in a field", func(_, s string) (string, []pipelinetest.Option) {
		return field("Origin", "https://user:"+s+"@h/x")
	}},
	{"user of a URL in a field", func(_, s string) (string, []pipelinetest.Option) { return field("Referer", "https://"+s+"@h/x") }},
	{"user information of a URL in a query", func(_, s string) (string, []pipelinetest.Option) {
		return "/fail?u=" + url.QueryEscape("https://user:"+s+"@h/x"), nil
	}},
	{"setting", func(string, string) (string, []pipelinetest.Option) { return "/fail", nil }},
}

// escapeAll percent-encodes every byte.
func escapeAll(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02x", s[i])
	}
	return b.String()
}

// spellings are how a secret may not be found in a page.
func spellings(secret string) []string {
	return []string{secret, escapeAll(secret), url.QueryEscape(secret), url.QueryEscape(url.QueryEscape(secret)), html.EscapeString(secret),
		base64.StdEncoding.EncodeToString([]byte("user:" + secret))}
}

// quoting is a handler whose error has all of the request in it, as errors of clients and parsers do.
func quoting(c *pipeline.Ctx) error {
	body, _ := c.Body()
	plain := unescape(string(body), true)
	return errors.Join(
		fmt.Errorf("Get %q: refused", "http://up"+c.Target()),
		fmt.Errorf("head %q", c.HeadBytes()),
		fmt.Errorf("form %s, plain %q", body, plain),
		fmt.Errorf("path %s", c.Path()),
		&url.Error{Op: "Get", URL: c.Header("Referer"), Err: errors.New("refused")},
		fmt.Errorf("words %s", strings.FieldsFunc(unescape(string(c.HeadBytes())+plain, true), func(r rune) bool { return strings.ContainsRune(" =;,?:@/\r\n", r) })),
	)
}

// A secret is in no form of the page, wherever and under whatever name it came.
func TestSecretsAreNowhere(t *testing.T) {
	for _, p := range places {
		for _, name := range secretNames {
			for form, as := range []pipelinetest.Option{asHTML, asText, asJSON} {
				secret := random(12)
				if strings.Contains(p.name, "escaped") || p.name == "form" || p.name == "setting" { // which take any byte
					secret = random(6) + "&é< '\"" + random(6)
				}
				app, r := enabled()
				r.Settings = map[string]any{"db": map[string]string{name: "", "url": "postgres://u:pw@h/d"}}
				if p.name == "setting" {
					r.Settings = map[string]any{"db": map[string]string{name: secret, "url": "postgres://u:" + secret + "@h/d"}}
				}
				app.RePath("^fail", quoting)
				app.Path("reset/<path:"+strings.Map(identifier, name)+">/", quoting)
				target, opts := p.ask(name, secret)
				res := client(t, app).Post(target, append(opts, as)...)
				if res.Status != 500 || len(res.Body) < 1000 {
					t.Fatalf("%s, %s: %d %s", p.name, name, res.Status, res.Body)
				}
				for _, s := range spellings(secret) {
					if at := strings.Index(string(res.Body), s); at >= 0 {
						t.Errorf("%s, %s, form %d: %q is in …%s…", p.name, name, form, s, res.Body[max(0, at-60):min(len(res.Body), at+60)])
					}
				}
			}
		}
	}
}

// identifier makes a name one of a parameter.
func identifier(r rune) rune {
	if r == '-' {
		return '_'
	}
	return r
}

// What is no secret is shown: a page that masks everything would pass the test above.
func TestTheRestIsShown(t *testing.T) {
	app, r := enabled()
	r.Settings = map[string]any{"region": "eu-west"}
	app.Path("see/<slug:slug>", func(c *pipeline.Ctx) error { _, _ = c.Body(); return errors.New("the reason") })
	res := client(t, app).Post("/see/some-slug?q=a+b%26c", asText, pipelinetest.Header("X-Trace", "trace-7"), pipelinetest.Header("Cookie", "theme=d"),
		pipelinetest.Form(url.Values{"title": {"A title"}}))
	for _, want := range []string{"eu-west", "slug: some-slug", "q: a b&c", "X-Trace: trace-7", "theme: " + Mask, "title: A title", "the reason", "target: /see/some-slug?q=a+b%26c\n"} {
		if !strings.Contains(string(res.Body), want) {
			t.Errorf("no %q in\n%s", want, res.Body)
		}
	}
}

// A short secret parameter is not looked for everywhere, but in the path.
func TestShortParameter(t *testing.T) {
	app, _ := enabled()
	app.Path("unlock/<str:passcode>/", func(*pipeline.Ctx) error { return errors.New("no") })
	for _, target := range []string{"/unlock/4711/", "/unlock/%34711/"} {
		res := client(t, app).Get(target, asText)
		if body := string(res.Body); strings.Contains(body, "4711") || !strings.Contains(body, "passcode: "+Mask) {
			t.Error(body)
		}
	}
}

// The filter can be replaced; it decides about running text as well.
func TestFilter(t *testing.T) {
	app, r := enabled()
	r.Filter = func(p Place, name string) bool { return p == Field && name == "X-Odd" || p == Text && name == "odd" }
	app.Get("/", func(*pipeline.Ctx) error {
		return errors.New(`odd=qwertz token=visible {"odd": "qwertz2", "password": "seen"}`)
	})
	body := string(client(t, app).Get("/?token=abcdef", asText, pipelinetest.Header("X-Odd", "hidden-odd"), pipelinetest.Header("Cookie", "c=shown")).Body)
	for _, want := range []string{"odd=" + Mask + " token=visible", "token: abcdef", "c: shown", `"odd": ` + Mask, `"password": "seen"`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	for _, banned := range []string{"hidden-odd", "qwertz"} {
		if strings.Contains(body, banned) {
			t.Errorf("%q in\n%s", banned, body)
		}
	}
}

func TestSecretNames(t *testing.T) {
	for _, c := range []struct {
		p    Place
		name string
		want bool
	}{
		{Field, "Cookie", true}, {Field, "set-cookie", true}, {Field, "Proxy-Authorization", true}, {Field, "Accept", false}, {Field, "Host", false},
		{Query, "cookie_consent", false}, {Cookie, "anything", true}, {Setting, "http_cookie", true}, {Setting, "DATABASES.default.PASSWORD", true},
		{Setting, "DEBUG", false}, {Form, "name", false}, {Param, "id", false}, {Text, "Set-Cookie", true}, {Query, "\u017fecret", true},
	} {
		if got := Secret(c.p, c.name); got != c.want {
			t.Errorf("%d %q: %v", c.p, c.name, got)
		}
	}
}

// Secrets in running text that came with nothing else.
func TestRunningText(t *testing.T) {
	b := &builder{filter: Secret, left: maxText}
	for text, want := range map[string]string{
		"dial postgres://u:p@ss@h:5432/d":      "dial postgres://*@h:5432/d",
		"host=h password=x user=u":             "host=h password=* user=u",
		"password='a b' user=u":                "password=* user=u",
		"a%3Db%26token%3Dabc":                  "a=b&token=*",
		"100% of a=b":                          "100% of a=b",
		"Authorization: Bearer a b\r\nX: y":    "Authorization: *\r\nX: y",
		"cookie=a; b":                          "cookie=*",
		`{"api_key": "a\"b", "n": 1}`:          `{"api_key": *, "n": 1}`,
		`{"api_key": 12, "n": 1}`:              `{"api_key": *, "n": 1}`,
		`"{\"token\":\"abc\"}"`:                `"{\"token\":*`,
		"key: not found":                       "key: not found",
		"https://h/path/@user":                 "https://h/path/@user",
		"Get \"http://h/?sig=1&token=a\": EOF": "Get \"http://h/?sig=1&token=* EOF",
	} {
		if got := strings.ReplaceAll(b.mask(text), Mask, "*"); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
		if again := b.mask(b.mask(text)); again != b.mask(text) {
			t.Errorf("%s: masked twice it is %s", text, again)
		}
	}
}

// The spellings of a secret are all found; one that is part of another does not save its rest.
func TestSpellings(t *testing.T) {
	var s secrets
	s.add("a b/c\"\x01ü!")
	s.add("abcdef")
	s.add("abcdefghi")
	s.add("short")
	for _, text := range []string{"a b/c\"\x01ü!", url.QueryEscape("a b/c\"\x01ü!"), url.PathEscape("a b/c\"\x01ü!"), strconv.Quote("a b/c\"\x01ü!"), "abcdefghi", "abcdef"} {
		if got := strings.Trim(s.mask(text), `"`); got != Mask {
			t.Errorf("%q: %s", text, got)
		}
	}
	if got := s.mask("short"); got != "short" {
		t.Error(got)
	}
}
