package stubstatus_test

import (
	"fmt"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
	"github.com/wheelpit/wheelpit/server/stubstatus"
)

func status(t *testing.T, n stubstatus.Counts) (*stubstatus.Status, *pipelinetest.Client) {
	t.Helper()
	s, err := stubstatus.New(func() stubstatus.Counts { return n })
	if err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	app.Path("", s.Handle, pipeline.Inline)
	return s, pipelinetest.NewClient(t, app)
}

// The text of a server that has had as many connections as NGINX: how many the start of that takes is its own business.
func TestAgainstNginx(t *testing.T) {
	s := nginxtest.Start(t, t.TempDir(), "", "location / { stub_status; }")
	want := s.Do("", "GET / HTTP/1.1\r\nHost: a\r\n")
	n := stubstatus.Counts{Active: 1, Writing: 1}
	if _, err := fmt.Sscanf(want.Body, "Active connections: 1 \nserver accepts handled requests\n %d %d %d", &n.Accepted, &n.Handled, &n.Requests); err != nil {
		t.Fatalf("%q: %v", want.Body, err)
	}
	_, client := status(t, n)
	got := client.Get("/")
	if string(got.Body) != want.Body || got.Header.Get("Content-Type") != want.Header.Get("Content-Type") {
		t.Errorf("%q, nginx %q; %v, nginx %v", got.Body, want.Body, got.Header, want.Header)
	}
	for _, method := range []string{"HEAD", "POST"} {
		if got, want := client.Do(method, "/").Status, s.Do("", method+" / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n").Status; got != want {
			t.Errorf("%s: %d, nginx %d", method, got, want)
		}
	}
}

func TestVariables(t *testing.T) {
	s, client := status(t, stubstatus.Counts{Accepted: 1 << 60, Handled: 3, Requests: 4, Active: 18, Reading: 5, Writing: 6, Waiting: 7})
	client.Get("/").AssertBody("Active connections: 18 \nserver accepts handled requests\n 1152921504606846976 3 4 \nReading: 5 Writing: 6 Waiting: 7 \n")
	for name, want := range map[string]string{"active": "x18", "reading": "x5", "writing": "x6", "waiting": "x7"} {
		if got, ok := s.AppendVariable("connections_"+name, []byte("x")); !ok || string(got) != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got, ok := s.AppendVariable("connections", nil); ok || got != nil {
		t.Error("a variable of another name")
	}
	if _, err := stubstatus.New(nil); err == nil {
		t.Error("nobody counts")
	}
}
