package traces

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/conformance/report"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server"
)

// The same scenarios over one connection to a real server, whose application is swapped for each: status, own fields and body
// are what a client of Django sees, a broken stream is a broken response, an abort a closed connection.
func TestReplayOverSocket(t *testing.T) {
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, Reactors: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(context.Background()) }()
	log := slog.Default()
	defer slog.SetDefault(log)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	n := 0
	if err := each(open(t), func(l *line) {
		if l.LoadError != "" || slices.Contains(l.Tags, "python-none") || slices.Contains(l.Tags, "unrendered") || l.play(false) != "" {
			return // checked, or excused, without a socket
		}
		n++
		if difference := l.overSocket(s); difference != "" {
			t.Errorf("%s: %s", l.Scenario.ID, difference)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if n < 900 {
		t.Errorf("only %d scenarios", n)
	}
}

func (l *line) overSocket(s *server.Server) string {
	r := &run{scenario: &l.Scenario}
	app, err := r.app()
	if err == nil {
		err = s.Swap(app)
	}
	if err != nil {
		return err.Error()
	}
	req, _ := http.NewRequest(l.method(), "http://"+s.Addrs()[0]+l.path(), nil)
	got, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return report.Differ("connection closed", true, l.Escaped == "SystemExit" || l.Escaped == "KeyboardInterrupt")
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	res := &pipelinetest.Response{Method: l.method(), Status: got.StatusCode, Header: got.Header, Body: body, BodyErr: err}
	if string(body) == string(pipeline.ErrorPage(res.Status)) {
		res.Err = io.EOF // some error: it is a plain page
	}
	if l.Status == nil {
		return report.Differ("status", res.Status, 500)
	}
	return l.compare(res, false)
}
