package fasthttpadaptor

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// A client that asks for an upgrade and does not read its response holds a worker only so long; a hijacked connection has the
// deadlines of who hijacked it.
func TestReplayedWriteTimeout(t *testing.T) {
	client, server := net.Pipe()
	defer func() { _, _ = client.Close(), server.Close() }()
	r := &replayed{Conn: server, timeout: 10 * time.Millisecond}
	if _, err := r.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	if err := r.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	go func() {
		time.Sleep(50 * time.Millisecond)
		_, _ = client.Read(make([]byte, 1))
	}()
	if _, err := r.Write([]byte("x")); err != nil {
		t.Error(err)
	}
}
