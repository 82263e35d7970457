package loop

import (
	"context"
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
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		if err := l.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	if n := descriptors(t); n > before {
		t.Errorf("%d descriptors, want at most %d", n, before)
	}
}
