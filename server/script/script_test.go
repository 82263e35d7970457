package script_test

import (
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/script"
)

// value runs a text as a script on a request.
func value(t *testing.T, c *pipeline.Ctx, text string) string {
	t.Helper()
	tab := script.NewTable()
	s, err := script.Compile(text, tab)
	if err == nil {
		err = tab.Resolve()
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return string(s.Append(c, nil))
}

func TestVariablesOfTheRequest(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/a%20b/c?X=1&ab=2&a=3&a=4&=5&none", pipelinetest.Host("Example.COM.:8080"),
		pipelinetest.Header("X-Some-Field", "one"), pipelinetest.Header("X-Some-Field", "two"),
		pipelinetest.Header("Cookie", "a=1; Bee = 2 ; c=3"), pipelinetest.Header("Cookie", "d=4"),
		pipelinetest.Header("Authorization", "basic dXNlcjpwYXNz"))
	for text, want := range map[string]string{
		"":                               "",
		"plain":                          "plain",
		"$uri":                           "/a b/c",
		"${uri}x":                        "/a b/cx",
		"$request_uri":                   "/a%20b/c?X=1&ab=2&a=3&a=4&=5&none",
		"$args$is_args":                  "X=1&ab=2&a=3&a=4&=5&none?",
		"$arg_a|$arg_x|$arg_b|$arg_AB":   "3|1||2",
		"$arg_none|$arg_":                "|",
		"$host|$http_host":               "example.com|Example.COM.:8080",
		"$request_port$is_request_port":  "8080:",
		"$http_x_some_field":             "one, two",
		"$http_cookie":                   "a=1; Bee = 2 ; c=3; d=4",
		"$cookie_a$cookie_bee|$cookie_d": "12 |4",
		"$remote_user":                   "user",
		"$request":                       "GET /a%20b/c?X=1&ab=2&a=3&a=4&=5&none HTTP/1.1",
		"$request_method $server_protocol $scheme$https": "GET HTTP/1.1 http",
		"$status $sent_http_content_type":                "000 ",
		"$request_time":                                  "0.000",
		"$1":                                             "",
	} {
		if got := value(t, c, text); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}

func TestUnknownVariable(t *testing.T) {
	tab := script.NewTable()
	if _, err := script.Compile("$uri$Foo", tab); err != nil {
		t.Fatal(err)
	}
	if err := tab.Resolve(); err == nil || err.Error() != `unknown "foo" variable` {
		t.Errorf("got %v", err)
	}
}

func TestDuplicateVariable(t *testing.T) {
	tab := script.NewTable()
	if _, err := tab.AddUser("URI"); err == nil || err.Error() != `the duplicate "URI" variable` {
		t.Errorf("got %v", err)
	}
	if _, err := tab.AddUser("args"); err != nil {
		t.Error(err)
	}
}

func TestSyntaxOfScripts(t *testing.T) {
	for text, want := range map[string]string{"$": "invalid variable name", "${a": `the closing bracket in "a" variable is missing`} {
		if _, err := script.Compile(text, script.NewTable()); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestUserVariables(t *testing.T) {
	tab := script.NewTable()
	a, err := tab.AddUser("a")
	if err != nil {
		t.Fatal(err)
	}
	field, _ := tab.AddUser("http_x") // hides the field once it is set
	s, _ := script.Compile("$a-$http_x-$args", tab)
	args, _ := tab.AddUser("args")
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	c := pipelinetest.NewCtx(t, "GET", "/?q", pipelinetest.Header("X", "sent"))
	if got := string(s.Append(c, nil)); got != "-sent-q" {
		t.Errorf("before set: %s", got)
	}
	a.Set(c, []byte("1"))
	field.Set(c, []byte("mine"))
	args.Set(c, []byte("r=2"))
	if got := string(s.Append(c, []byte("<"))); got != "<1-mine-r=2" {
		t.Errorf("after set: %s", got)
	}
	if !script.Changed(c) {
		t.Error("new arguments do not count as a change of the URI")
	}
}

func TestRequestIDIsStable(t *testing.T) {
	tab := script.NewTable()
	s, _ := script.Compile("$request_id", tab)
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	c := pipelinetest.NewCtx(t, "GET", "/")
	first := string(s.Append(c, nil))
	if again := string(s.Append(c, nil)); len(first) != 32 || again != first {
		t.Errorf("%q, then %q", first, again)
	}
	if other := string(s.Append(pipelinetest.NewCtx(t, "GET", "/"), nil)); other == first {
		t.Error("two requests have one id")
	}
}

func TestCycleEnds(t *testing.T) {
	tab := script.NewTable()
	var s *script.Script
	err := tab.Add("loop", func(c *pipeline.Ctx, dst []byte) ([]byte, bool) { return s.Append(c, dst), true }, script.Cached)
	if err != nil {
		t.Fatal(err)
	}
	s, _ = script.Compile("x$loop", tab)
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	if got := string(s.Append(pipelinetest.NewCtx(t, "GET", "/"), nil)); got != strings.Repeat("x", 101) {
		t.Errorf("got %q", got)
	}
}
