package http1

import (
	"strings"
	"testing"
)

func TestNextToken(t *testing.T) {
	for list, want := range map[string]string{
		"": "", ",": "", " , ,": "", "a": "a", " a ,\tb,, c": "a|b|c", "close": "close", "a b,c": "a b|c", `"a,b", W/"c\",d" ,e`: `"a,b"|W/"c\",d"|e`, `"a,b`: `"a,b`,
	} {
		var got []string
		for element, rest := NextToken([]byte(list)); len(element) > 0; element, rest = NextToken(rest) {
			got = append(got, string(element))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q", list, got)
		}
	}
	if !HasToken([]byte("keep-alive, Upgrade"), "upgrade") || HasToken([]byte("upgraded, up grade"), "upgrade") {
		t.Error("HasToken")
	}
}

func TestAcceptsEncoding(t *testing.T) {
	for _, tt := range []struct {
		value, coding string
		want          bool
	}{
		{"", "gzip", false},
		{"", "identity", true},
		{"gzip", "gzip", true},
		{"GZIP", "gzip", true},
		{"deflate, gzip;q=0.5", "gzip", true},
		{"gzip;q=0", "gzip", false},
		{"gzip;q=0.000", "gzip", false},
		{"gzip;q=0.001", "gzip", true},
		{"gzip ; Q=1.000", "gzip", true},
		{"gzip;x=y;q=0", "gzip", false},
		{"gzip;q=", "gzip", false},
		{"gzip;q=2", "gzip", false},
		{"gzip;q=1.001", "gzip", false},
		{"gzip;q=0.1234", "gzip", false},
		{"gzip;q=-1", "gzip", false},
		{"gzip;q=0x1", "gzip", false},
		{"gzip;q=.5", "gzip", false},
		{"*", "gzip", true},
		{"*;q=0", "gzip", false},
		{"*, gzip;q=0", "gzip", false},
		{"gzip;q=0, *", "gzip", false},
		{"*;q=0, gzip", "gzip", true},
		{"*;q=0", "identity", false},
		{"identity;q=0", "identity", false},
		{"gzip", "identity", true},
		{"gzipped, x-gzip", "gzip", false},
		{"br, , gzip", "gzip", true},
	} {
		if got := AcceptsEncoding([]byte(tt.value), tt.coding); got != tt.want {
			t.Errorf("%q %s: %v", tt.value, tt.coding, got)
		}
	}
}

func TestCookies(t *testing.T) {
	for field, want := range map[string]string{
		"":                           "",
		" ; ;":                       "",
		"a=1":                        "a=1",
		"a=1; b=2;c=3":               "a=1|b=2|c=3",
		" a = 1 ;\tb=":               "a=1|b=",
		"a=b=c":                      "a=b=c",
		`a="x y"; b="`:               `a=x y|b="`,
		"novalue; a=1":               "=novalue|a=1",
		"=x":                         "=x",
		"a=1; a=2":                   "a=1|a=2",
		"sid=31d4; theme=d\xc3\xa4k": "sid=31d4|theme=d\xc3\xa4k",
	} {
		var got []string
		for name, value, rest := NextCookie([]byte(field)); rest != nil; name, value, rest = NextCookie(rest) {
			got = append(got, string(name)+"="+string(value))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q", field, got)
		}
	}
	if v, ok := CookieValue([]byte("A=0; a=1; a=2"), "a"); !ok || string(v) != "1" {
		t.Errorf("a: %q %v", v, ok)
	}
	if _, ok := CookieValue([]byte("ab=1"), "a"); ok {
		t.Error("found a cookie by the beginning of its name")
	}
}

func TestQuery(t *testing.T) {
	for query, want := range map[string]string{
		"": "", "&&": "", "a=1": "a=1", "a=1&b=2": "a=1|b=2", "a&b=": "a=|b=", "&a=1&&b=x=y&": "a=1|b=x=y", "=v": "=v", "a%20b=c+d": "a%20b=c+d",
	} {
		var got []string
		for key, value, rest := NextQuery([]byte(query)); key != nil; key, value, rest = NextQuery(rest) {
			got = append(got, string(key)+"="+string(value))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q", query, got)
		}
	}
	if v, ok := QueryValue([]byte("x=0&Page=1&%70ag%65=2&page=3"), "page"); !ok || string(v) != "2" {
		t.Errorf("page: %q %v", v, ok)
	}
	if v, ok := QueryValue([]byte("a+b=1"), "a b"); !ok || string(v) != "1" {
		t.Errorf("a b: %q %v", v, ok)
	}
	for _, query := range []string{"pages=1", "pag=1", "pag%=1", "pag%6=1", "PAGE=1"} {
		if v, ok := QueryValue([]byte(query), "page"); ok {
			t.Errorf("%q has a page: %q", query, v)
		}
	}
}

func TestAppendUnescaped(t *testing.T) {
	for _, tt := range []struct {
		in   string
		plus bool
		want string
		ok   bool
	}{
		{"", true, "", true},
		{"a+b%20c", true, "a b c", true},
		{"a+b%20c", false, "a+b c", true},
		{"%e2%82%AC%00", false, "\xe2\x82\xac\x00", true},
		{"%2520%2B", true, "%20+", true},
		{"100%", true, "100%", false},
		{"%4", true, "%4", false},
		{"%zz%41", true, "%zzA", false},
	} {
		got, ok := AppendUnescaped([]byte("<"), []byte(tt.in), tt.plus)
		if string(got) != "<"+tt.want || ok != tt.ok {
			t.Errorf("%q %v: %q %v", tt.in, tt.plus, got, ok)
		}
	}
}
