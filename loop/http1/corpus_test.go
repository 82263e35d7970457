package http1

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// corpusCase is a case of the HTTP/1 corpus: the bytes of a request, and which statuses may answer it.
type corpusCase struct {
	ID, Title, Target string
	Input             string              `json:"input_b64"`
	Compressed        string              `json:"input_zb64"`
	Segments          [][]json.RawMessage `json:"segments"`
	Expect, Goal      expectation
}

type expectation struct {
	Statuses   []int `json:"status_in"`
	Connection string
	Close      bool `json:"close"`
	Wait       bool `json:"wait_ok"`
}

// loadCorpus reads testdata/cases.jsonl.gz.
func loadCorpus(t testing.TB) []corpusCase {
	t.Helper()
	f, err := os.Open("testdata/cases.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var cases []corpusCase
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		var c corpusCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		t.Fatal("the corpus is empty")
	}
	return cases
}

// input returns all the bytes a case sends.
func (c *corpusCase) input(t testing.TB) []byte {
	t.Helper()
	dec := func(s string) []byte {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		return b
	}
	switch {
	case c.Compressed != "":
		z, err := zlib.NewReader(bytes.NewReader(dec(c.Compressed)))
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		b, err := io.ReadAll(z)
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		return b
	case c.Input != "":
		return dec(c.Input)
	}
	var all []byte
	for _, seg := range c.Segments {
		var s string
		if err := json.Unmarshal(seg[1], &s); err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		all = append(all, dec(s)...)
	}
	return all
}

// parseConnection parses what a connection sends, message after message, in the given pieces, and tells the verdict on each
// message. It is what a server does, without answering.
func parseConnection(in []byte, cut int, lim *Limits) (verdicts []string) {
	var r Request
	var d ChunkReader
	have := min(cut, len(in))
	at := 0
	for len(verdicts) < 300 {
		if r.HeadLen == 0 {
			switch v := r.Parse(in[at:have:have], lim); {
			case v == Partial && have < len(in):
				have = min(have+max(cut, 1), len(in))
				continue
			case v == Partial:
				return append(verdicts, v.String())
			case v != Complete:
				return append(verdicts, v.String())
			}
			at += int(r.HeadLen)
		}
		switch {
		case r.Length > 0:
			if int64(len(in)-at) < r.Length {
				return append(verdicts, "content incomplete")
			}
			at += int(r.Length)
			have = max(have, at)
		case r.Length < 0:
			_, n, v := d.Next(in[at:have], lim)
			at += n
			if v.Failed() {
				return append(verdicts, v.String())
			}
			if v != Complete {
				if v == Partial && have == len(in) {
					return append(verdicts, "content incomplete")
				}
				if v == Partial {
					have = min(have+max(cut, 1), len(in))
				}
				continue
			}
		}
		verdicts = append(verdicts, "complete")
		if at == len(in) || !r.KeepAlive {
			return verdicts
		}
		r.Reset()
		d.Reset()
	}
	return verdicts
}

// serverDecides are cases in which the parser accepts what the server then refuses, by prefix of their id.
var serverDecides = map[string]string{
	"CL-5": "the size of a body, and what becomes of an unread one, are the server's", "CL-3": "a length that fits 63 bits is a number; its limit is the server's",
	"CH-4": "as CL-3, for chunks", "CH-7": "the body limit", "CH-8": "the body limit", "EX-": "expectations are met by the server",
	"PA-": "paths", "RT-06": "https on this port is 421", "RT-1": "CONNECT is refused by the server", "RT-27": "TRACE is refused by the server",
	"RL-0": "methods that the resource does not have", "RL-18": "as RL-0", "RS-": "405", "RG-": "ranges", "UP-": "upgrades", "KA-": "keeping alive",
	"RL-6": "cut requests are dropped", "CL-6": "405 for methods",
}

// Every case must be understood the same whatever its segmentation, and what only errors may answer must be refused: at
// the RFC's level with the defaults, at the stricter goal with Strict.
func TestCorpus(t *testing.T) {
	for _, c := range loadCorpus(t) {
		if c.Target == "upstream" || c.Target == "proxy" {
			continue
		}
		in := c.input(t)
		for _, level := range []struct {
			name   string
			strict bool
			want   expectation
		}{{"rfc", false, c.Expect}, {"goal", true, c.Goal}} {
			lim := DefaultLimits()
			lim.Strict = level.strict
			whole := parseConnection(in, len(in), &lim)
			for _, cut := range cuts(len(in)) {
				if got := parseConnection(in, cut, &lim); !slices.Equal(got, whole) {
					t.Errorf("%s %s: in pieces of %d bytes %v, whole %v", c.ID, c.Title, cut, got, whole)
					break
				}
			}
			last := whole[0] // what is judged is the first message
			refused := last != "complete" && !strings.HasSuffix(last, "incomplete")
			if refused && len(level.want.Statuses) > 0 && onlySuccess(level.want.Statuses) && !level.want.Close {
				t.Errorf("%s (%s) %s: refused as %q, but %v is wanted", c.ID, level.name, c.Title, last, level.want.Statuses)
			}
			if !refused && last == "complete" && onlyRefusals(level.want.Statuses) && !excused(c.ID) {
				t.Errorf("%s (%s) %s: accepted, but %v is wanted", c.ID, level.name, c.Title, level.want.Statuses)
			}
		}
	}
}

// cuts are the sizes of pieces a message is fed in.
func cuts(n int) []int {
	if n > 5000 {
		return []int{1000, 4097}
	}
	return []int{1, 2, 3, 7, 16, 61}
}

func onlySuccess(statuses []int) bool {
	return !slices.ContainsFunc(statuses, func(s int) bool { return s >= 400 })
}

// onlyRefusals reports whether only what a parser says may answer.
func onlyRefusals(statuses []int) bool {
	return len(statuses) > 0 && !slices.ContainsFunc(statuses, func(s int) bool {
		return s != 400 && s != 414 && s != 431 && s != 501 && s != 505
	})
}

func excused(id string) bool {
	for prefix := range serverDecides {
		if strings.HasPrefix(id, prefix) {
			return true
		}
	}
	return false
}
