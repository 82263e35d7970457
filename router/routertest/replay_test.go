package routertest_test

import (
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/router/routertest"
)

func TestURLDispatchAsDjango(t *testing.T) {
	f, err := os.Open("../testdata/url_dispatch.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	report, err := routertest.URLDispatch(z)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\n%s", report, strings.Join(report.Deviations, "\n"))
	for _, failure := range report.Failures {
		t.Error(failure)
	}
	if report.Passed < 3000 || report.Skipped > 20 {
		t.Errorf("%s: cases are missing", report)
	}
}
