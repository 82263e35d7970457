package builtin

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline/conformance/report"
	"github.com/wheelpit/wheelpit/server"
)

// The same cases over connections to a real server, whose application is swapped for each. Those of requests that come
// encrypted have no such connection.
func TestReplayOverSocket(t *testing.T) {
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, Reactors: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(context.Background()) }()
	f, err := os.Open("testdata/builtin_mw.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := report.Lines(z, func(number int, line []byte) error {
		var head struct {
			Group string `json:"group"`
		}
		if err := json.Unmarshal(line, &head); err != nil || head.Group == "csrf" || head.Group == "session" || head.Group == "cache" {
			return err
		}
		v, err := decode(line)
		if err != nil || v.Request.Secure || deviation(v) != "" {
			return err
		}
		n++
		if difference := overSocket(s, v); difference != "" {
			t.Errorf("line %d: %s: %s", number, v.Request.head(), difference)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n < 350 {
		t.Errorf("only %d cases", n)
	}
}

// overSocket plays a case and says what differs in what a client can see.
func overSocket(s *server.Server, v *vector) string {
	a := &answer{fields: map[string][]string{}}
	app, err := application(v, a)
	if err == nil {
		err = s.Swap(app)
	}
	if err != nil {
		return err.Error()
	}
	conn, err := net.Dial("tcp", s.Addrs()[0])
	if err != nil {
		return err.Error()
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(v.Request.head()); err != nil {
		return err.Error()
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: v.Request.method()})
	if err != nil {
		return err.Error()
	}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		return err.Error()
	}
	a.status, a.fields, a.length = res.StatusCode, res.Header, res.ContentLength
	seen := *v
	seen.Want.Error, seen.Want.Exception, seen.Want.Host = "", "", "" // of the inside
	if !http1.BodyAllowed(a.status) || v.Request.method() == "HEAD" {
		delete(seen.Want.Headers, "Content-Length") // RFC 9110 section 8.6; Django leaves it to the server
		if seen.Group == "gzip" {
			seen.Group = "gzip without a body"
		}
	}
	return a.differences(&seen)
}
