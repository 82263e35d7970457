package cbv

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/conformance/report"
	"github.com/wheelpit/wheelpit/pipeline/views"
	"github.com/wheelpit/wheelpit/server"
)

// The same cases over connections to a real server: status and Allow. CONNECT and TRACE never come to an application there.
func TestReplayOverSocket(t *testing.T) {
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, Reactors: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(context.Background()) }()
	f, err := os.Open("testdata/cbv_dispatch.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := report.Lines(z, func(number int, b []byte) error {
		var l line
		if err := json.Unmarshal(b, &l); err != nil || l.Method == "CONNECT" || l.Method == "TRACE" {
			return err
		}
		n++
		if difference := l.overSocket(s); difference != "" {
			t.Errorf("line %d: %s of %v: %s", number, l.Method, l.Handlers, difference)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n < 150 {
		t.Errorf("only %d cases", n)
	}
}

func (l *line) overSocket(s *server.Server) string {
	var opts []views.Option
	if l.HTTPMethodNames != nil {
		opts = append(opts, views.Methods(l.HTTPMethodNames...))
	}
	app := pipeline.New()
	app.Path("v/", views.View(verbs(l.Handlers), opts...))
	if err := s.Swap(app); err != nil {
		return err.Error()
	}
	conn, err := net.Dial("tcp", s.Addrs()[0])
	if err != nil {
		return err.Error()
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "%s /v/ HTTP/1.1\r\nHost: a\r\n\r\n", l.Method); err != nil {
		return err.Error()
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: l.Method})
	if err != nil {
		return err.Error()
	}
	_, has := res.Header["Allow"]
	difference := report.Differ("status", res.StatusCode, l.Status) + report.Differ("allow", res.Header.Get("Allow"), text(l.Allow)) +
		report.Differ("has allow", has, l.Allow != nil)
	if l.ContentLength != nil {
		difference += report.Differ("content_length", res.Header.Get("Content-Length"), *l.ContentLength)
	}
	return difference
}
