package cbv_test

import (
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/conformance/cbv"
)

func TestClassesAsDjango(t *testing.T) {
	f, err := os.Open("testdata/cbv_dispatch.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	result, err := cbv.Replay(z)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(result)
	for _, failure := range result.Failures {
		t.Error(failure)
	}
	if result.Passed < 244 {
		t.Errorf("%s: cases are missing", result)
	}
}

// A case with another answer must fail, or the replay compares nothing.
func TestReplayTellsDifferences(t *testing.T) {
	const right = `{"handlers":["get"],"http_method_names":null,"method":"OPTIONS","status":200,"allow":"GET, HEAD, OPTIONS","content_length":"0","ran":null}`
	for _, wrong := range [][2]string{
		{`"status":200`, `"status":405`},
		{`"GET, HEAD, OPTIONS"`, `"GET, OPTIONS"`},
		{`"GET, HEAD, OPTIONS"`, `null`},
		{`"content_length":"0"`, `"content_length":"1"`},
		{`"ran":null`, `"ran":"options"`},
		{`"method":"OPTIONS"`, `"method":"GET"`},
	} {
		result, err := cbv.Replay(strings.NewReader(right + "\n" + strings.Replace(right, wrong[0], wrong[1], 1)))
		if err != nil || result.Passed != 1 || result.Failed != 1 {
			t.Errorf("%v: %s, %v", wrong, result, err)
		}
	}
	if _, err := cbv.Replay(strings.NewReader("{")); err == nil {
		t.Error("a broken line was taken")
	}
}
