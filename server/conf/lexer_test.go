package conf

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// runs writes what the lexer makes of a text: words in brackets, endings as they are, errors after "!".
func runs(text string) string {
	l := newLexer(&Source{Name: "f", Data: []byte(text)})
	var b strings.Builder
	for {
		words, end, err := l.next()
		for _, w := range words {
			fmt.Fprintf(&b, "[%s]", w.text)
		}
		switch end {
		case endSemicolon:
			b.WriteString(";")
		case endOpen:
			b.WriteString("{")
		case endClose:
			b.WriteString("}")
		case endError:
			fmt.Fprintf(&b, "!%s!", err.Message)
		case endText:
			return b.String()
		}
	}
}

func TestLexer(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""}, {" \t\r\n", ""}, {"# only a comment", ""}, {"a;", "[a];"}, {"a b c;", "[a][b][c];"}, {"a{b;}", "[a]{[b];}"},
		{"a\nb\n;", "[a][b];"}, {"a # b\nc;", "[a][c];"}, {"a#b c;", "[a#b][c];"}, {"a}b;", "[a}b];"}, {"a b}", "!unexpected end of file, expecting \";\" or \"}\"!"}, {"a b }", "!unexpected \"}\"!}"},
		{`a "b c";`, "[a][b c];"}, {`a 'b c';`, "[a][b c];"}, {`a "b'c";`, "[a][b'c];"}, {`a b"c d";`, `[a][b"c][d"];`},
		{`a "";`, "[a][];"}, {`a "b{;}";`, "[a][b{;}];"}, {"a \"b\nc\";", "[a][b\nc];"}, {"a ${b}c;", "[a][${b}c];"},
		{"a $b{c;}", "[a][$b]{[c];}"}, {"a ${{b;", "[a][${{b];"}, {`a "$"{b;}`, `[a][$]{[b];}`},
		{`a \;;`, `[a][\;];`}, {`a b\ c;`, `[a][b\ c];`}, {`a "b\"c";`, `[a][b"c];`}, {`a '\'';`, `[a]['];`}, {`a \\b;`, `[a][\b];`},
		{`a "\t\r\n\x";`, "[a][\t\r\n\\x];"}, {`a \"b c\";`, `[a]["b][c"];`}, {`if ($a = "b"){c;}`, `[if][($a][=][b][)]{[c];}`},
		{`a "b"c;d;`, `!unexpected "c"![d];`}, {`a "b"` + "\n;", "[a][b];"}, {`a "b"{}`, "[a][b]{}"},
		{";a;", `!unexpected ";"![a];`}, {"{a;}", `!unexpected "{"![a];}`}, {"a", `!unexpected end of file, expecting ";" or "}"!`},
		{`a "b;`, `!unexpected end of file, expecting ";" or "}"!`}, {"a b ", `!unexpected end of file, expecting ";" or "}"!`},
		{`a \`, `!unexpected end of file, expecting ";" or "}"!`},
	} {
		if got := runs(tt.text); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestLexerKeepsPlaces(t *testing.T) {
	l := newLexer(&Source{Name: "f", Data: []byte("a\n  \"b c\"\n\té d;")})
	words, _, _ := l.next()
	want := []word{{"a", 1, 1, 1, false}, {"b c", 2, 3, 5, true}, {"é", 3, 2, 2, false}, {"d", 3, 5, 1, false}}
	if !reflect.DeepEqual(words, want) {
		t.Errorf("got %v, want %v", words, want)
	}
}

func TestWordsAreBounded(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a " + strings.Repeat("b", MaxWord-1) + ";", ""},
		{"a " + strings.Repeat("b", MaxWord) + ";", `too long parameter "bbbbbbbbbb..." started`},
		{"#" + strings.Repeat("b", MaxWord), `too long parameter "#bbbbbbbbb..." started`},
		{"a '" + strings.Repeat("b", MaxWord+1) + "';", `too long parameter, probably missing terminating "'" character`},
	} {
		l := newLexer(&Source{Data: []byte(tt.text)})
		_, _, err := l.next()
		got := ""
		if err != nil {
			got = err.Message
		}
		if got != tt.want {
			t.Errorf("%.20q...: %s, want %s", tt.text, got, tt.want)
		}
	}
}

// load reads a text as the main file; files are what it may include.
func load(text string, files map[string]string, opt Options) (*Config, Errors) {
	opt.Read = func(name string) ([]byte, error) {
		if name == "/etc/nginx.conf" {
			return []byte(text), nil
		}
		if s, ok := files[name]; ok {
			return []byte(s), nil
		}
		return nil, fmt.Errorf("open: %w", errNotExist)
	}
	opt.Glob = func(pattern string) ([]string, error) {
		var list []string
		for name := range files {
			if strings.HasPrefix(name, strings.TrimSuffix(pattern, "*")) {
				list = append(list, name)
			}
		}
		return list, nil
	}
	return Load("/etc/nginx.conf", opt)
}

// write writes a tree so that parsing it gives the same tree.
func write(b *strings.Builder, list []*Directive) {
	for d := range flatten(list) {
		b.WriteString(quote(d.Name))
		for _, a := range d.Args {
			b.WriteString(" " + quote(a))
		}
		if !d.Open {
			b.WriteString(";\n")
			continue
		}
		b.WriteString(" {\n")
		write(b, d.Block)
		b.WriteString("}\n")
	}
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// same compares two trees by their words.
func same(a, b []*Directive) bool {
	var x, y strings.Builder
	write(&x, a)
	write(&y, b)
	return x.String() == y.String()
}

func FuzzParse(f *testing.F) {
	for _, tt := range broken {
		f.Add(within[tt.in][0] + tt.text + within[tt.in][1])
	}
	f.Add(`http { map $a $b { include x; default "\n"; } server { listen 80; location ~ "^/(a|b){2}" { return 200 '${a}\''; } } }`)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4<<10 { // thousands of errors in one long line take a second
			return
		}
		cfg, errs := load(text, nil, Options{})
		Printer{}.Print(&strings.Builder{}, errs)
		for _, e := range errs {
			if e.Pos.Source != nil && (e.Pos.Line < 1 || e.Pos.Column < 1) {
				t.Errorf("%q: %v stands at %d:%d", text, e, e.Pos.Line, e.Pos.Column)
			}
		}
		if hasSyntaxError(cfg.main) {
			return
		}
		var b strings.Builder
		write(&b, cfg.main)
		again, _ := load(b.String(), nil, Options{})
		if tooLong(cfg.main) {
			return
		}
		if !same(cfg.main, again.main) {
			t.Errorf("%q was written as\n%s", text, b.String())
		}
	})
}

func hasSyntaxError(list []*Directive) bool {
	for _, d := range list {
		if d.err != nil || hasSyntaxError(d.Block) {
			return true
		}
	}
	return false
}

// tooLong says whether a word does not fit MaxWord any more once it is quoted.
func tooLong(list []*Directive) bool {
	for _, d := range list {
		for _, w := range d.words {
			if len(quote(w.text)) > MaxWord {
				return true
			}
		}
		if tooLong(d.Block) {
			return true
		}
	}
	return false
}
