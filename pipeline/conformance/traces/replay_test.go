package traces

import (
	"compress/gzip"
	"os"
	"testing"
)

func open(t *testing.T) *gzip.Reader {
	t.Helper()
	f, err := os.Open("testdata/middleware_traces.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestReplay(t *testing.T) {
	report, err := Replay(open(t))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range report.Failures {
		if i == 10 {
			t.Errorf("and %d more", len(report.Failures)-i)
			break
		}
		t.Error(f)
	}
	if report.Passed < 1000 {
		t.Errorf("only %s", report)
	}
	t.Log(report)
}
