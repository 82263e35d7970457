package loop

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
)

// worker is a line that is idle until it was told to work.
type worker struct {
	line
	works bool
}

func (w *worker) Data(c *Conn, in []byte) int {
	w.works = bytes.Contains(in, []byte("work"))
	c.SetTimeout(1, Ticks(longWait))
	return w.line.Data(c, in)
}

func (w *worker) Idle(*Conn) bool { return !w.works }

const longWait = 40e9

// told is a log that a test reads.
type told struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *told) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *told) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Clients that keep a connection open for nothing make room for new ones; those that are served do not.
func TestRestingMakeRoom(t *testing.T) {
	const most = 4
	var log told
	l, err := New(Config{Reactors: 1, MaxConns: most, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	r := new(rig)
	_, err = l.Listen(ListenSpec{Addr: "127.0.0.1:0", Shed: []byte("full\n"), Open: func(*Conn) Protocol { return &worker{line: line{r: r}} }})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = l.Drain(ctx)
	})
	resting := connect(t, l)
	say(t, resting, "rest", "rest")
	var working []net.Conn
	for range most - 1 {
		c := connect(t, l)
		say(t, c, "work", "work")
		working = append(working, c)
	}
	say(t, connect(t, l), "work", "work") // in the place of the one that rests
	if b, err := io.ReadAll(resting); err != nil || len(b) > 0 {
		t.Errorf("who rested hears %q, %v", b, err)
	}
	if b, _ := io.ReadAll(connect(t, l)); string(b) != "full\n" {
		t.Errorf("with all at work one more hears %q", b)
	}
	for _, c := range working {
		say(t, c, "work", "work")
	}
	if text := log.String(); !strings.Contains(text, "4 worker_connections are not enough, reusing connections") {
		t.Errorf("the log: %s", text)
	}
}
