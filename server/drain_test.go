package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// A client that has connected before a shutdown, and sends its first request a while after, is answered: it would not repeat the
// request. Its connection is closed behind the answer. One that was answered before is closed sooner.
func TestFirstRequestBehindAShutdown(t *testing.T) {
	s, err := New(Config{Listen: []string{"127.0.0.1:0"}, Reactors: 1, App: pipeline.New()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	dialled := time.Now()
	fresh, kept := connectTo(t, s), connectTo(t, s)
	answered(t, kept)
	ended := make(chan error)
	go func() { ended <- s.Shutdown(context.Background()) }()
	if n, err := kept.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the kept connection: %d, %v", n, err)
	}
	if time.Since(dialled) < firstRequest-time.Second { // or the machine is too busy to tell
		answered(t, fresh)
	}
	if n, err := fresh.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("behind the answer: %d, %v", n, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func connectTo(t *testing.T, s *Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	return c
}

// answered sends a request and reads its answer, which is a 404.
func answered(t *testing.T, c net.Conn) {
	t.Helper()
	_, _ = fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusNotFound {
		t.Fatalf("%s, %v", res.Status, err)
	}
}
