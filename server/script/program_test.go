package script_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/script"
)

// program compiles the directives of a location "/".
func program(t *testing.T, text string, o script.ProgramOptions) (*script.Program, *script.Table) {
	t.Helper()
	tab := script.NewTable()
	location := load(t, "server { location / {\n"+text+"\n} }").Find("server").Find("location")
	p, err := script.NewProgram(tab, location.Children(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p, tab
}

func TestNoProgram(t *testing.T) {
	p, _ := program(t, "root /x;", script.ProgramOptions{})
	if p != nil {
		t.Error("directives of others make a program")
	}
	if out := p.Run(get(t, "/")); out.Verdict != script.Next || out.If != -1 || p.Ifs() != nil {
		t.Errorf("nothing decides %+v", out)
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		text, target string
		verdict      script.Verdict
		status       int
		answer       string // with "redirect " or "text " in front
		uri          string // with the arguments
	}{
		{"return 404;", "/a", script.Done, 404, "", "/a?"},
		{"return 404 $uri;", "/a", script.Done, 404, "text /a", "/a?"},
		{"return 200;", "/a", script.Done, 200, "text ", "/a?"},
		{"return 301;", "/a", script.Done, 301, "redirect ", "/a?"},
		{"return https://$host/;", "/a", script.Done, 302, "redirect https://example.com/", "/a?"},
		{"return 444;", "/a", script.Done, 444, "", "/a?"},
		{"rewrite ^/(.*)$ /b/$1;", "/a?x", script.Restart, 0, "", "/b/a?x"},
		{"rewrite ^/(.*)$ /b/$1 last; return 500;", "/a?x", script.Restart, 0, "", "/b/a?x"},
		{"rewrite ^/(.*)$ /b/$1 break; return 500;", "/a?x", script.Next, 0, "", "/b/a?x"},
		{"rewrite ^/(.*)$ /b; break; return 500;", "/a", script.Next, 0, "", "/b?"},
		{"rewrite ^/(.*)$ /b?n=$1;", "/a?x", script.Restart, 0, "", "/b?n=a&x"},
		{"rewrite ^/(.*)$ /b?n=$1?;", "/a?x", script.Restart, 0, "", "/b?n=a"},
		{"rewrite ^/(.*)$ /b?;", "/a?x", script.Restart, 0, "", "/b?"},
		{"rewrite ^/(.*)$ /b/$1?n=$1;", "/a%20%26b", script.Restart, 0, "", "/b/a &b?n=a%20%26b"},
		{"rewrite ^/(.*)$ /b/$1 redirect;", "/a%20b?x", script.Done, 302, "redirect /b/a%20b?x", "/a b?x"},
		{"rewrite ^/(.*)$ /b?$1 permanent;", "/a?x", script.Done, 301, "redirect /b?a&x", "/a?x"},
		{"rewrite ^/(.*)$ http://h/$1;", "/a?x", script.Done, 302, "redirect http://h/a?x", "/a?x"},
		{"rewrite ^/none$ /b; return 204;", "/a", script.Done, 204, "text ", "/a?"},
		{"set $x ''; rewrite ^ $x;", "/a", script.Done, 500, "", "/a?"},
		{"set $x 1; set $args $x$uri; return 200 $args;", "/a?q", script.Done, 200, "text 1/a", "/a?1/a"},
		{"if ($uri ~ ^/(?<first>[a-z]+)/) { set $x $first-$1; } return 200 $x;", "/ab/c", script.Done, 200, "text ab-ab", "/ab/c?"},
		{"if ($uri !~ x) { return 403; }", "/a", script.Done, 403, "", "/a?"},
		{"if ($uri !~* A) { return 403; }", "/a", script.Next, 0, "", "/a?"},
		{"if ($arg_a) { return 403; }", "/a?a=0", script.Next, 0, "", "/a?a=0"},
		{"if ($arg_a) { return 403; }", "/a?a=00", script.Done, 403, "", "/a?a=00"},
		{"if ($arg_a = $arg_b) { return 403; }", "/a?a=1&b=1", script.Done, 403, "", "/a?a=1&b=1"},
		{"if ($arg_a != $arg_b) { return 403; }", "/a?a=1&b=1", script.Next, 0, "", "/a?a=1&b=1"},
		{"if (-f $uri) { return 403; }", "/file", script.Done, 403, "", "/file?"},
		{"if (!-d $uri) { return 403; }", "/file", script.Done, 403, "", "/file?"},
		{"if (!-e $uri) { return 403; }", "/file", script.Next, 0, "", "/file?"},
	} {
		test := func(_ *pipeline.Ctx, op byte, path []byte) bool { return string(path) == "/file" && op != 'd' }
		p, tab := program(t, c.text, script.ProgramOptions{Test: test})
		if err := tab.Resolve(); err != nil {
			t.Fatal(err)
		}
		ctx := get(t, c.target)
		out := p.Run(ctx)
		answer := ""
		switch {
		case out.Redirect:
			answer = "redirect " + string(out.Text)
		case out.HasText:
			answer = "text " + string(out.Text)
		}
		uri := ctx.Path() + "?" + string(script.Args(ctx))
		if out.Verdict != c.verdict || out.Status != c.status || answer != c.answer || uri != c.uri {
			t.Errorf("%s: %s gives %d %d %q %s", c.text, c.target, out.Verdict, out.Status, answer, uri)
		}
	}
}

func TestIfsOfALocation(t *testing.T) {
	p, tab := program(t, "if ($arg_a) { root /a; } if ($arg_b) { root /b; }", script.ProgramOptions{})
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	if len(p.Ifs()) != 2 || p.Ifs()[1].Find("root").Args[0] != "/b" {
		t.Fatal("the blocks of the ifs are not those of the location")
	}
	for target, want := range map[string][]int{"/": nil, "/?a=1": {0}, "/?b=1": {1}, "/?a=1&b=1": {0, 1}} {
		c, env := get(t, target), new(recorder)
		script.SetEnv(c, env)
		last := -1
		if len(want) > 0 {
			last = want[len(want)-1]
		}
		if out := p.Run(c); out.If != last || !slices.Equal(env.ifs, want) {
			t.Errorf("%s enters %v and stays in %d, want %v", target, env.ifs, out.If, want)
		}
	}
}

func TestIfOfAServerMakesNoLocation(t *testing.T) {
	tab := script.NewTable()
	server := load(t, "server { if ($arg_a) { return 403; } }").Find("server")
	p, err := script.NewProgram(tab, server.Children(), script.ProgramOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	if out := p.Run(get(t, "/?a=1")); out.If != -1 || out.Status != 403 || len(p.Ifs()) != 0 {
		t.Errorf("got %+v", out)
	}
}

func TestLogOfRewrites(t *testing.T) {
	p, tab := program(t, "set $x $y; set $y 1; rewrite ^/no /b; rewrite ^/(a) /c/$1?d;", script.ProgramOptions{RewriteLog: true})
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	c, env := get(t, "/a"), &recorder{warn: true}
	script.SetEnv(c, env)
	p.Run(c)
	want := `warn: using uninitialized "y" variable
notice: "^/no" does not match "/a"
notice: "^/(a)" matches "/a"
notice: rewritten data: "/c/a", args: "d"`
	if got := strings.Join(env.lines, "\n"); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestBadProgram(t *testing.T) {
	for text, want := range map[string]string{
		"rewrite *a /b;":                      `pcre2_compile() failed: quantifier does not follow a repeatable item in "*a" at "*a" in nginx.conf:4`,
		"if ($uri) {\nrewrite x+* /b; }":      `pcre2_compile() failed: quantifier does not follow a repeatable item in "x+*" at "*" in nginx.conf:5`,
		"if ($uri ~ (?<uri>a)) { return 1; }": `the duplicate "uri" variable in nginx.conf:4`,
	} {
		location := load(t, "server { location / {\n"+text+"\n} }").Find("server").Find("location")
		if _, err := script.NewProgram(script.NewTable(), location.Children(), script.ProgramOptions{}); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
