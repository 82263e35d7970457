package script_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/script"
)

func TestLogEscapes(t *testing.T) {
	tab := script.NewTable()
	s, _ := script.Compile(`"$remote_user" [$arg_none] $http_x`, tab)
	v, _ := tab.AddUser("remote_value")
	user, _ := script.Compile("<$remote_value>", tab)
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	c := request(t, transport{}, "GET / HTTP/1.1\r\nHost: x\r\nX: a\"b\\c\td\xc3\xa9\r\n\r\n")
	for escape, want := range map[script.Escape]string{
		script.EscapeDefault: `"-" [-] a\x22b\x5Cc\x09d\xC3\xA9`,
		script.EscapeJSON:    `"" [] a\"b\\c\td` + "\xc3\xa9",
		script.EscapeNone:    `"" [] a"b\c` + "\td\xc3\xa9",
	} {
		if got := string(s.AppendLog(c, nil, escape)); got != want {
			t.Errorf("%d: %s, want %s", escape, got, want)
		}
	}
	for b := range 256 {
		v.Set(c, []byte{'x', byte(b), 'y'})
		var back string
		text := user.AppendLog(c, nil, script.EscapeJSON)
		if err := json.Unmarshal([]byte(`"`+string(text)+`"`), &back); err != nil || b < 0x80 && back != "<x"+string(rune(b))+"y>" {
			t.Errorf("%#x is written as %s: %q %v", b, text, back, err)
		}
	}
	for name, want := range map[string]script.Escape{"": script.EscapeDefault, "default": script.EscapeDefault, "json": script.EscapeJSON, "none": script.EscapeNone} {
		if got, ok := script.ParseEscape(name); !ok || got != want {
			t.Errorf("escape=%s is %d", name, got)
		}
	}
	if _, ok := script.ParseEscape("x"); ok {
		t.Error("escape=x is known")
	}
}

// The lines that nginx writes to its logs are those of AppendLog.
func TestLogAgainstNginx(t *testing.T) {
	const format = `$remote_addr "$remote_user" "$request" $status [$args] <$arg_a> ($http_x) {$sent_http_y} $uri $unset. $mapped $cookie_c`
	file := filepath.Join(t.TempDir(), "log")
	blocks := fmt.Sprintf(`log_format a escape=default '%[1]s'; log_format b escape=json '%[1]s'; log_format c escape=none '%[1]s'; map $arg_a $mapped { 1 one; }
		server { listen LISTEN; server_name x; access_log %[2]s.a a; access_log %[2]s.b b; access_log %[2]s.c c;
		if ($arg_no) { set $unset 1; } add_header Y "y\"$arg_a"; return 200 ok; }`, format, file)
	all := fronts(t, blocks)
	line, _ := script.Compile(format, all[0].tab)
	header, _ := script.Compile(`y"$arg_a`, all[0].tab)
	if err := all[0].tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	addr := startNginx(t, blocks)
	var want [3]strings.Builder
	for _, raw := range []string{"GET / HTTP/1.1\r\n", "GET /? HTTP/1.1\r\n", "GET /a\"b?a=1\"2\\ HTTP/1.1\r\n", "GET /x?a=%00\xff HTTP/1.0\r\n", "POST /caf\xc3\xa9%0a%09%7f HTTP/1.1\r\nX: a\x09\xe9\"\\\r\nCookie: c=\"\r\n",
		"GET /?a=1 HTTP/1.1\r\nX: \r\nAuthorization: Basic IgkieDp5\r\n"} {
		raw += "Host: x\r\nConnection: close\r\n\r\n"
		r, err := ask(t, addr, raw)
		c, err2 := parse(transport{remote: netip.MustParseAddrPort("127.0.0.1:1")}, raw)
		if err != nil || err2 != nil || r.status != 200 {
			t.Fatalf("%q: %v %v %d", raw, err, err2, r.status)
		}
		c.SetStatus(200)
		if err := c.SetHeader("Y", string(header.Append(c, nil))); err != nil {
			t.Fatal(err)
		}
		for i, escape := range []script.Escape{script.EscapeDefault, script.EscapeJSON, script.EscapeNone} {
			want[i].Write(append(line.AppendLog(c, nil, escape), '\n'))
		}
	}
	for i, name := range []string{"a", "b", "c"} {
		got := readLog(file+"."+name, want[i].Len())
		if got != want[i].String() {
			t.Errorf("escape %d:\n%snginx wrote\n%s", i, want[i].String(), got)
		}
	}
}

func TestAppendNamed(t *testing.T) {
	tab := script.NewTable()
	v, _ := tab.AddUser("mine")
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	c := get(t, "/p?a=1")
	v.Set(c, []byte("2"))
	for name, want := range map[string]string{"uri": "/p", "arg_a": "1", "mine": "2", "none": "-", "arg_b": "-", "http_host": "example.com"} {
		got, found := tab.AppendNamed(c, nil, name)
		if !found {
			got = []byte("-")
		}
		if string(got) != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
