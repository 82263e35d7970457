package sub

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// oracle replaces by looking at every place, the slow way.
func oracle(body string, pairs []Pair, every bool) string {
	var out strings.Builder
	used := make([]bool, len(pairs))
next:
	for i := 0; i < len(body); {
		for p := range pairs {
			n := len(pairs[p].Match)
			if used[p] && !every || i+n > len(body) || !equalASCII(body[i:i+n], pairs[p].Match) {
				continue
			}
			used[p] = true
			out.WriteString(pairs[p].Text)
			i += n
			continue next
		}
		out.WriteByte(body[i])
		i++
	}
	return out.String()
}

func equalASCII(a, b string) bool { return bytes.Equal(lowered([]byte(a)), lowered([]byte(b))) }

// begins tells whether a string begins with b, and is longer.
func begins(b []byte, pairs []Pair) bool {
	return slices.ContainsFunc(pairs, func(p Pair) bool {
		return len(p.Match) > len(b) && equalASCII(p.Match[:len(b)], string(b))
	})
}

// run feeds a machine with pieces.
func run(t testing.TB, pairs []Pair, every bool, pieces ...string) string {
	t.Helper()
	f, err := New(Config{Pairs: pairs, Every: every})
	if err != nil {
		t.Fatal(err)
	}
	m := new(machine)
	m.begin(f, f.patterns, nil)
	var out strings.Builder
	for i := range len(pieces) + 1 {
		m.out = m.out[:0]
		if i < len(pieces) {
			m.piece([]byte(pieces[i]), false)
			if len(m.carry) > 0 && !begins(m.carry, pairs) {
				t.Fatalf("%q is held back, which no string begins with", m.carry)
			}
		} else {
			m.piece(nil, true)
		}
		out.Write(m.out)
	}
	return out.String()
}

var cases = []struct {
	body  string
	pairs []Pair
	once  string
	every string
}{
	{"hello world", []Pair{{Match: "world", Text: "moon"}}, "hello moon", "hello moon"},
	{"aAaA", []Pair{{Match: "A", Text: "b"}}, "bAaA", "bbbb"},
	{"HEAD head Head", []Pair{{Match: "hEAd", Text: "<&>"}}, "<&> head Head", "<&> <&> <&>"},
	{"abcabcabd", []Pair{{Match: "abcabd", Text: "X"}}, "abcX", "abcX"},
	{"aaaa", []Pair{{Match: "aa", Text: "aaa"}}, "aaaaa", "aaaaaa"},
	{"abc", []Pair{{Match: "abcd", Text: "X"}, {Match: "bc", Text: "Y"}}, "aY", "aY"},
	{"abcd", []Pair{{Match: "ab", Text: "1"}, {Match: "abcd", Text: "2"}}, "1cd", "1cd"},
	{"abcd", []Pair{{Match: "abcd", Text: "2"}, {Match: "ab", Text: "1"}}, "2", "2"},
	{"xaxbxaxb", []Pair{{Match: "a", Text: "1"}, {Match: "b", Text: "2"}}, "x1x2xaxb", "x1x2x1x2"},
	{"xyz", []Pair{{Match: "y", Text: ""}}, "xz", "xz"},
	{"xyz", []Pair{{Match: "none", Text: "q"}, {Match: "xyzz", Text: "q"}}, "xyz", "xyz"},
	{"@[`{Zz", []Pair{{Match: "@", Text: "1"}, {Match: "[", Text: "2"}, {Match: "`", Text: "3"}, {Match: "z", Text: "4"}}, "123{4z", "123{44"},
	{strings.Repeat("ab", 300) + "c", []Pair{{Match: strings.Repeat("ab", 290) + "c", Text: "!"}}, strings.Repeat("ab", 10) + "!", strings.Repeat("ab", 10) + "!"},
	{"", []Pair{{Match: "x", Text: "y"}}, "", ""},
}

func TestSplitAtEveryByte(t *testing.T) {
	for _, test := range cases {
		for every, want := range map[bool]string{false: test.once, true: test.every} {
			if got := oracle(test.body, test.pairs, every); got != want {
				t.Fatalf("the oracle has %q, the table %q", got, want)
			}
			for i := range len(test.body) + 1 {
				if got := run(t, test.pairs, every, test.body[:i], test.body[i:]); got != want {
					t.Errorf("%.40q cut at %d: got %q, want %q", test.body, i, got, want)
				}
			}
			if got := run(t, test.pairs, every, strings.Split(test.body, "")...); got != want {
				t.Errorf("%.40q byte by byte: got %q, want %q", test.body, got, want)
			}
		}
	}
}

func FuzzAgainstOracle(f *testing.F) {
	for _, test := range cases {
		second := ""
		if len(test.pairs) > 1 {
			second = test.pairs[1].Match
		}
		f.Add(test.body, test.pairs[0].Match, second, "abc", uint8(3), true)
	}
	f.Fuzz(func(t *testing.T, body, first, second, text string, step uint8, every bool) {
		var pairs []Pair
		for _, match := range []string{first, second, first + second} {
			if match != "" {
				pairs = append(pairs, Pair{Match: match, Text: text + match})
			}
		}
		if len(pairs) == 0 || len(body)+len(first)+len(second)+len(text) > 2000 {
			t.Skip() // nothing to look for, or too much for an oracle that compares everything at every place
		}
		var pieces []string
		for piece := range slices.Chunk([]byte(body), int(step)+1) {
			pieces = append(pieces, string(piece))
		}
		want := oracle(body, pairs, every)
		if got := run(t, pairs, every, pieces...); got != want {
			t.Errorf("%q, %+v in steps of %d: got %q, want %q", body, pairs, int(step)+1, got, want)
		}
	})
}

func TestConfigRefused(t *testing.T) {
	if _, err := New(Config{Pairs: make([]Pair, 1)}); err == nil {
		t.Error("an empty string was taken")
	}
	many := make([]Pair, MaxPairs+1)
	for i := range many {
		many[i].Match = "x"
	}
	if _, err := New(Config{Pairs: many}); err == nil {
		t.Error("too many strings were taken")
	}
}
