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

// testdata/cases.jsonl.gz is the conformance corpus: what a client sends, byte for byte, and what a server may answer.
// Here it is judged as far as the parser decides: what must be refused, with which status; what must not be; where each
// message ends. The stricter outcome of a case ("goal") replaces the one the RFCs allow.

type outcome struct {
	StatusIn []int   `json:"status_in"`
	Statuses [][]int `json:"statuses"`
	Count    int     `json:"responses"`
	WaitOK   *bool   `json:"wait_ok"`
}

type corpusCase struct {
	ID       string              `json:"id"`
	Title    string              `json:"title"`
	Target   string              `json:"target"`
	Plain    string              `json:"input_b64"`
	Deflated string              `json:"input_zb64"`
	Segments [][]json.RawMessage `json:"segments"`
	ThenEOF  bool                `json:"then_eof"`
	Expect   json.RawMessage     `json:"expect"`
	Goal     json.RawMessage     `json:"goal"`
	Legit    bool                `json:"smuggle_is_legit"`
	input    []byte
	outcome  outcome
}

func decode64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (c *corpusCase) resolve(t testing.TB) {
	switch {
	case c.Segments != nil:
		for _, s := range c.Segments {
			var text string
			if err := json.Unmarshal(s[1], &text); err != nil {
				t.Fatal(c.ID, err)
			}
			c.input = append(c.input, decode64(t, text)...)
		}
	case c.Deflated != "":
		z, err := zlib.NewReader(bytes.NewReader(decode64(t, c.Deflated)))
		if err != nil {
			t.Fatal(c.ID, err)
		}
		if c.input, err = io.ReadAll(z); err != nil {
			t.Fatal(c.ID, err)
		}
	default:
		c.input = decode64(t, c.Plain)
	}
	for _, text := range []json.RawMessage{c.Expect, c.Goal} {
		if text == nil {
			continue
		}
		if err := json.Unmarshal(text, &c.outcome); err != nil {
			t.Fatal(c.ID, err)
		}
	}
}

func readCorpus(t testing.TB) []corpusCase {
	t.Helper()
	f, err := os.Open("testdata/cases.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var cases []corpusCase
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c corpusCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Target == "any" || c.Target == "static" {
			c.resolve(t)
			cases = append(cases, c)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}

// framed reports whether a server may answer a well-framed request with this status.
func framed(status int) bool {
	return status < 400 || slices.Contains([]int{401, 403, 404, 405, 411, 412, 416, 421, 426}, status)
}

// judge says what is wrong with the i-th message; "" when nothing is.
func (c *corpusCase) judge(m message, allowed []int) string {
	switch {
	case m.status != 0:
		if !slices.Contains(allowed, m.status) {
			return "refused"
		}
	case m.complete:
		if !slices.ContainsFunc(allowed, framed) {
			return "accepted"
		}
	case !c.ThenEOF && !slices.ContainsFunc(allowed, framed):
		return "waits for more"
	}
	return ""
}

func TestCorpus(t *testing.T) {
	cases := readCorpus(t)
	refused, accepted := 0, 0
	lim := DefaultLimits()
	for i := range cases {
		c := &cases[i]
		whole := run(lim, c.input)
		bounded := newDriver(lim)
		bounded.maxBody = 1 << 20
		bounded.push(c.input)
		if bounded.end == 413 {
			bounded.messages[len(bounded.messages)-1].status = 413
		}
		problem := ""
		for n, m := range bounded.messages {
			allowed := c.outcome.StatusIn
			if n < len(c.outcome.Statuses) {
				allowed = c.outcome.Statuses[n]
			} else if n > 0 {
				break
			}
			if p := c.judge(m, allowed); p != "" {
				problem = p
			}
			if m.complete {
				accepted++
			} else if m.status != 0 {
				refused++
			}
		}
		if n := c.outcome.Count; n > 0 && len(bounded.messages) > 0 && bounded.messages[0].status == 0 && len(bounded.messages) != n {
			problem = "wrong number of messages"
		}
		for _, m := range bounded.messages {
			if strings.HasPrefix(m.path, "/smuggled") && !c.Legit {
				problem = "smuggled"
			}
		}
		if len(bounded.messages) == 0 && !c.ThenEOF {
			problem = "waits for a request"
		}
		if problem != "" {
			t.Errorf("%s %s: %s, want %v\n%.300q\n%.2000s", c.ID, c.Title, problem, c.outcome, c.input, bounded.text())
			continue
		}
		checkCuts(t, c.ID, lim, c.input, whole.text())
	}
	t.Logf("%d cases, %d messages refused, %d accepted", len(cases), refused, accepted)
	if refused < 80 || accepted < 80 {
		t.Error("the corpus lacks cases of one kind; was it read?")
	}
}

// checkCuts runs the input cut in every way and compares with what the whole gave.
func checkCuts(t *testing.T, name string, lim Limits, input []byte, want string) {
	t.Helper()
	everyCut(len(input), func(cuts ...int) {
		if t.Failed() {
			return
		}
		if got := run(lim, input, cuts...).text(); got != want {
			t.Errorf("%s: cut at %.20v:\n%.3000s\nwant\n%.3000s", name, cuts, got, want)
		}
	})
}
