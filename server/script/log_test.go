package script_test

import (
	"encoding/json"
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
