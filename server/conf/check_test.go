package conf

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var errNotExist = os.ErrNotExist

// reports are texts with all that is printed about them.
var reports = []struct {
	name, text, want string
	files            map[string]string
	opt              Options
}{
	{name: "all errors of a run", text: "evnts {\n}\nhttp {\n\tserver {\n\t\tlisten 80 defualt_server\n\t\troot /x;\n\t\tloction /a { gzip maybe; }\n\t}\n}\n", want: `
nginx: [emerg] unknown directive "evnts" in /etc/nginx.conf:1
 --> /etc/nginx.conf:1:1
  |
1 | evnts {
  | ^^^^^ did you mean "events"?
nginx: [emerg] invalid parameter "defualt_server" in /etc/nginx.conf:6
 --> /etc/nginx.conf:5:13
  |
5 | 		listen 80 defualt_server
  | 		          ^^^^^^^^^^^^^^ is the ";" missing behind "defualt_server"?
nginx: [emerg] unknown directive "loction" in /etc/nginx.conf:7
 --> /etc/nginx.conf:7:3
  |
7 | 		loction /a { gzip maybe; }
  | 		^^^^^^^ did you mean "location"?
nginx: [emerg] invalid value "maybe" in "gzip" directive, it must be "on" or "off" in /etc/nginx.conf:7
 --> /etc/nginx.conf:7:21
  |
7 | 		loction /a { gzip maybe; }
  | 		                  ^^^^^
`},
	{name: "included", text: "events { }\ninclude a.conf;\n", files: map[string]string{"/etc/a.conf": "user a b c;"}, want: `
nginx: [emerg] invalid number of arguments in "user" directive in /etc/a.conf:1
 --> /etc/a.conf:1:1
  |
1 | user a b c;
  | ^^^^ it takes 1 or 2, here are 3
  = included from /etc/nginx.conf:2
`},
	{name: "missing include", text: "events { }\ninclude b.conf;\nuser\n  x;", want: `
nginx: [emerg] open() "/etc/b.conf" failed (2: No such file or directory) in /etc/nginx.conf:2
 --> /etc/nginx.conf:2:9
  |
2 | include b.conf;
  |         ^^^^^^
`},
	{name: "wrong place", text: "events { }\nhttp { location / { } }", want: `
nginx: [emerg] "location" directive is not allowed here in /etc/nginx.conf:2
 --> /etc/nginx.conf:2:8
  |
2 | http { location / { } }
  |        ^^^^^^^^ it may stand in: server, location
`},
	{name: "unknown variable", text: "events { }\nhttp { server { return 200 $hots; } }", want: `
nginx: [emerg] unknown "hots" variable
 --> /etc/nginx.conf:2:28
  |
2 | http { server { return 200 $hots; } }
  |                            ^^^^^ did you mean "$host"?
`},
	{name: "refused, its block skipped", text: "events { }\nstream { server { foo; } }\nhttp { server { location / { content_by_lua_block { a = \"{;\" } } } }\n", want: `
nginx: [emerg] directive "stream" is not supported in /etc/nginx.conf:2
 --> /etc/nginx.conf:2:1
  |
2 | stream { server { foo; } }
  | ^^^^^^ TCP and UDP are not proxied
nginx: [emerg] directive "content_by_lua_block" is not supported in /etc/nginx.conf:3
 --> /etc/nginx.conf:3:30
  |
3 | http { server { location / { content_by_lua_block { a = "{;" } } } }
  |                              ^^^^^^^^^^^^^^^^^^^^ Lua is not embedded; a Go application runs with app
nginx: [emerg] unexpected end of file, expecting "}" in /etc/nginx.conf:4
 --> /etc/nginx.conf:3:1
  |
3 | http { server { location / { content_by_lua_block { a = "{;" } } } }
  | ^^^^ the "{" of this http is never closed
`},
	{name: "accepted", text: "events { }\nhttp { types_hash_max_size 2048; }", want: `
nginx: [warn] the "types_hash_max_size" directive has no meaning here, ignored: there is no table whose size could be set in /etc/nginx.conf:2
 --> /etc/nginx.conf:2:8
  |
2 | http { types_hash_max_size 2048; }
  |        ^^^^^^^^^^^^^^^^^^^
`},
	{name: "-g", text: "daemon off;\nevents { }", opt: Options{Global: "daemon on; foo;"}, want: `
nginx: [emerg] unknown directive "foo" in command line
 --> -g:1:12
  |
1 | daemon on; foo;
  |            ^^^
nginx: [emerg] "daemon" directive is duplicate in /etc/nginx.conf:1
 --> /etc/nginx.conf:1:1
  |
1 | daemon off;
  | ^^^^^^ the first one is given by -g
`},
	{name: "a server executes only what is supported", text: "events { } http { ssl_buffer_size 1k; }", opt: Options{Serving: true}, want: `
nginx: [emerg] directive "ssl_buffer_size" is not supported in /etc/nginx.conf:1
 --> /etc/nginx.conf:1:19
  |
1 | events { } http { ssl_buffer_size 1k; }
  |                   ^^^^^^^^^^^^^^^ it is known, but nothing executes it in this version
`},
}

func TestReports(t *testing.T) {
	for _, tt := range reports {
		t.Run(tt.name, func(t *testing.T) {
			_, errs := load(tt.text, tt.files, tt.opt)
			var b strings.Builder
			Printer{}.Print(&b, errs)
			if got := "\n" + b.String(); got != tt.want {
				t.Errorf("got%s\nwant%s", got, tt.want)
			}
		})
	}
}

func TestErrorsAreBounded(t *testing.T) {
	_, errs := load(strings.Repeat("nonsense;\n", 5000), nil, Options{})
	if n := errs.count(Emerg); n != MaxErrors {
		t.Errorf("%d errors, want %d", n, MaxErrors)
	}
	if !errs.Failed() || errs.Err() == nil {
		t.Error("a configuration with errors has not failed")
	}
}

func TestIncludeIsBounded(t *testing.T) {
	files := map[string]string{"/etc/loop.conf": "include loop.conf;"}
	_, errs := load("events { }\ninclude loop.conf;", files, Options{})
	if got := firstOf(errs); !strings.Contains(got, "Too many open files") {
		t.Errorf("a file that includes itself: %q", got)
	}
	_, errs = load(strings.Repeat("server {", MaxNesting+1), nil, Options{})
	deep := slices.ContainsFunc(errs, func(e *Error) bool { return e.Message == "blocks are nested too deeply" })
	if !deep {
		t.Errorf("deep blocks: %v", errs)
	}
}

func TestIncludesAreEntered(t *testing.T) {
	files := map[string]string{
		"/etc/conf.d/a": "server { server_name A.example; }", "/etc/conf.d/b": "server { server_name b.example; listen 81; }",
		"/etc/types": "text/html html; text/css css;",
	}
	cfg, errs := load("events { }\nhttp { include conf.d/*; types { include types; } }", files, Options{})
	if errs.Failed() {
		t.Fatal(errs)
	}
	var names []string
	for s := range cfg.Find("http").Children() {
		if s.Name == "server" {
			names = append(names, s.Find("server_name").Value.([]string)[0]+" "+s.File())
			if s.Parent.Name != "http" {
				t.Errorf("the parent of a server is %s", s.Parent.Name)
			}
		}
	}
	if got := strings.Join(names, ", "); got != "a.example /etc/conf.d/a, b.example /etc/conf.d/b" {
		t.Errorf("servers: %s", got)
	}
	if types := cfg.Find("http").Find("types"); types.Find("text/css") == nil {
		t.Error("an include within types was not read")
	}
	if len(cfg.Sources) != 4 || cfg.Sources[0].Name != "/etc/nginx.conf" {
		t.Errorf("%d sources", len(cfg.Sources))
	}
}

// TestSites checks typical configurations: all of them are right.
func TestSites(t *testing.T) {
	files, _ := filepath.Glob("testdata/sites/*.conf")
	if len(files) < 6 {
		t.Fatalf("%d sites", len(files))
	}
	for _, f := range files {
		if _, errs := Load(f, Options{}); errs.Failed() {
			var b strings.Builder
			Printer{}.Print(&b, errs)
			t.Errorf("%s:\n%s", f, b.String())
		}
	}
}

// TestInstalledConfiguration checks the configuration of the nginx at hand, when nginx itself finds no fault in it.
func TestInstalledConfiguration(t *testing.T) {
	const file = "/etc/nginx/nginx.conf"
	if _, err := os.Stat(file); err != nil {
		t.Skip("there is no " + file)
	}
	if fault := nginx(t)(file); fault != "" {
		t.Skipf("nginx refuses its own configuration: %s", fault)
	}
	_, errs := Load(file, Options{})
	if got := firstOf(errs); got != "" {
		t.Error(got)
	}
}

// "$hostname" is the machine's name, in any case.
func TestServerNameOfMachine(t *testing.T) {
	name, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "nginx.conf")
	if err := os.WriteFile(file, []byte("events { }\nhttp { server { server_name A.example $HOSTname; } }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, errs := Load(file, Options{})
	if errs.Failed() {
		t.Fatal(errs)
	}
	var got []string
	var walk func(d *Directive)
	walk = func(d *Directive) {
		if d.Name == "server_name" {
			got = d.Value.([]string)
		}
		for c := range d.Children() {
			walk(c)
		}
	}
	for d := range cfg.Main() {
		walk(d)
	}
	if want := []string{"a.example", strings.ToLower(name)}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
}
