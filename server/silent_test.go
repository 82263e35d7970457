package server

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// A client that connects and says nothing is sent away after the time for a head.
func TestSilentClient(t *testing.T) {
	s, err := New(Config{Listen: []string{"127.0.0.1:0"}, Reactors: 1, App: pipeline.New(), HeaderTimeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(context.Background()) }()
	for range 2 { // the second is accepted and read at once, when the loop has learnt to
		conn, err := net.Dial("tcp", s.Addrs()[0])
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v", err)
		}
		_ = conn.Close()
	}
}
