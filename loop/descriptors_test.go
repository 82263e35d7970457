package loop

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"time"
)

// descriptors counts those of the process.
func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(list)
}

// A loop that has ended holds no descriptor.
func TestNoDescriptorsBehindDrain(t *testing.T) {
	before := descriptors(t)
	for range 3 {
		_, l := run(t, Config{})
		for range 10 {
			c := connect(t, l)
			say(t, c, "hello", "hello")
			defer c.Close()
		}
		before += 10 // the clients'
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if err := l.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	if n := descriptors(t); n > before {
		t.Errorf("%d descriptors, want at most %d", n, before)
	}
}

// A connection that comes back when the loop has been cut is closed all the same.
func TestReturnBehindTheEnd(t *testing.T) {
	before := descriptors(t)
	hold := make(chan struct{})
	r, l := run(t, Config{})
	r.hold.Store(&hold)
	for range 3 {
		c := connect(t, l)
		say(t, c, "lend", "lent")
		defer func() {
			if _, err := c.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("read: %v", err)
			}
		}()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Drain(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	close(hold)
	for end := time.Now().Add(30 * time.Second); r.closed.Load() != 3; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of 3 connections were closed", r.closed.Load())
		}
	}
	for end := time.Now().Add(30 * time.Second); descriptors(t) > before+3; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d descriptors, want %d", descriptors(t), before+3)
		}
	}
}
