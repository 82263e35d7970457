package builtin

import (
	"compress/gzip"
	"os"
	"strings"
	"testing"
)

// The cases of Django 5.2.18, with the deviation that is declared and no other.
func TestReplay(t *testing.T) {
	f, err := os.Open("testdata/builtin_mw.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	res, err := Replay(z)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(res)
	for _, f := range res.Failures {
		t.Error(f)
	}
	later := 0
	for _, s := range res.Deviations {
		switch {
		case strings.HasSuffix(s, ": later"):
			later++
		case !strings.Contains(s, " gzip ") || !strings.HasSuffix(s, ": M8: a weight of zero refuses gzip"):
			t.Error(s)
		}
	}
	if res.Passed != 458 || res.Skipped-later != 4 {
		t.Errorf("%s, %d of them later; the file has 458 that pass and 4 that differ by M8", res, later)
	}
}

// A case that is not as it should be is found, whatever part of it is wrong.
func TestReplayFinds(t *testing.T) {
	for line, why := range map[string]string{
		`{"group":"xframe","want":{"status":200,"headers":{}}}`:                                             `X-Frame-Options: got "DENY", want ""`,
		`{"group":"xframe","want":{"status":201,"headers":{"X-Frame-Options":"DENY"}}}`:                     `status: got 200, want 201`,
		`{"group":"common","request":{"path":"/slash"},"view":{"status":404},"want":{"status":404}}`:        `status: got 301, want 404; Location: got "/slash/"`,
		`{"group":"common","want":{"status":200,"headers":{"Content-Length":"3"}}}`:                         `Content-Length: got "2", want "3"`,
		`{"group":"common","want":{"status":200,"headers":{"X-Y":"z"}}}`:                                    `X-Y: got "", want "z"`,
		`{"group":"common","want":{"status":200,"exception":"RuntimeError"}}`:                               `RuntimeError: got false`,
		`{"group":"common","want":{"status":200,"exception":"OSError"}}`:                                    `unknown error class OSError`,
		`{"group":"common","settings":{"SOME_SETTING":1}}`:                                                  `unknown field "SOME_SETTING"`,
		`{"group":"common","settings":{"DISALLOWED_USER_AGENTS":["("]}}`:                                    `error parsing regexp`,
		`{"group":"security","settings":{"SECURE_REFERRER_POLICY":5}}`:                                      `a policy is 5`,
		`{"group":"host","settings":{"ALLOWED_HOSTS":["a"]},"request":{"host":"b"},"want":{"host":"b"}}`:    `status: got 400, want 200`,
		`{"group":"host","settings":{"ALLOWED_HOSTS":["a"]},"request":{"host":"a"},"want":{"host":"b"}}`:    `host: got "a", want "b"`,
		`{"group":"host","request":{"host":"b b"},"want":{"error":"PermissionDenied","status":400}}`:        `PermissionDenied: got false`,
		`{"group":"gzip","view":{"body":"a","repeat":300,"headers":{"Content-Encoding":"gzip"}},"want":{}}`: `gzip: invalid header`,
		`{"group":"gzip","request":{"headers":{"Accept-Encoding":"br"}},"want":{"headers":{"Vary":"x"}}}`:   `Vary: got "", want "x"`,
		`{"group":"xframe","view":{"headers":{"A":"\n"}},"want":{"headers":{"X-Frame-Options":"DENY"}}}`:    `status: got 500`,
		`{"group":"message"}`: `unknown group "message"`,
	} {
		res, err := Replay(strings.NewReader(line + "\n"))
		if err != nil || res.Failed != 1 || res.Passed+res.Skipped != 0 || !strings.Contains(res.Failures[0], why) {
			t.Errorf("%s\n%v, %v %q", line, err, res, res.Failures)
		}
	}
	res, err := Replay(strings.NewReader("\n{\"group\":\"xframe\",\"want\":{\"headers\":{\"X-Frame-Options\":\"DENY\"}}}\n{\n"))
	if err == nil || !strings.Contains(err.Error(), "line 3") || res.Passed != 1 {
		t.Errorf("%v, %v", res, err)
	}
}
