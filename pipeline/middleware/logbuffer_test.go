package middleware

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sink is a writer that can be held up, and counts.
type sink struct {
	mu     sync.Mutex
	b      bytes.Buffer
	writes int
	fail   error
	held   chan struct{}
}

func (s *sink) Write(p []byte) (int, error) {
	if s.held != nil {
		<-s.held
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	if s.fail != nil {
		return 0, s.fail
	}
	return s.b.Write(p)
}

func (s *sink) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestLogBufferGathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		l := NewLogBuffer(&s, time.Second)
		for i := range 3 {
			_, _ = fmt.Fprintln(l, i)
			time.Sleep(300 * time.Millisecond)
		}
		if s.text() != "" {
			t.Errorf("%q before its time", s.text())
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if s.text() != "0\n1\n2\n" || s.writes != 1 {
			t.Errorf("%q in %d writes", s.text(), s.writes)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if s.writes != 1 {
			t.Errorf("%d writes without lines", s.writes)
		}
		_, _ = fmt.Fprintln(l, 3)
		time.Sleep(time.Second)
		synctest.Wait()
		if !strings.HasSuffix(s.text(), "3\n") {
			t.Errorf("%q after a pause", s.text())
		}
	})
}

func TestLogBufferDropsWhenTheWriterIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sink{held: make(chan struct{})}
		l := NewLogBuffer(s, time.Second)
		l.OnDrop = func(w io.Writer, n int) { _, _ = fmt.Fprintf(w, "(%d)\n", n) }
		line := bytes.Repeat([]byte{'x'}, 1<<10-1)
		line = append(line, '\n')
		_, _ = l.Write(line)
		time.Sleep(time.Second)
		synctest.Wait() // the writer hangs with the first line
		for range LogPending/len(line) + 7 {
			_, _ = l.Write(line)
		}
		close(s.held)
		if err := l.Flush(); err != nil {
			t.Error(err)
		}
		if n := strings.Count(s.text(), "x\n"); n != 1+LogPending/len(line) || !strings.HasSuffix(s.text(), "(7)\n") {
			t.Errorf("%d lines, %q", n, s.text()[len(s.text())-10:])
		}
		_, _ = l.Write([]byte("y\n"))
		if err := l.Close(); err != nil || !strings.HasSuffix(s.text(), "(7)\ny\n") {
			t.Errorf("%v, afterwards %q", err, s.text()[len(s.text())-10:])
		}
	})
}

// A buffer that fills up is written ahead of time.
func TestLogBufferUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		l := NewLogBuffer(&s, time.Hour)
		line := []byte(strings.Repeat("x", 1<<10))
		for range 4 * LogPending / len(line) {
			_, _ = l.Write(line)
			synctest.Wait()
		}
		if len(s.text()) < 3*LogPending {
			t.Errorf("%d bytes written", len(s.text()))
		}
		_ = l.Flush()
	})
}

func TestLogBufferErrors(t *testing.T) {
	s := &sink{fail: errors.New("disk full")}
	l := NewLogBuffer(s, time.Hour)
	_, _ = l.Write([]byte("x\n"))
	if err := l.Flush(); !errors.Is(err, s.fail) {
		t.Errorf("%v", err)
	}
	if err := l.Flush(); err != nil {
		t.Errorf("%v without lines", err)
	}
}

func TestLogBufferConcurrently(t *testing.T) {
	var s sink
	l := NewLogBuffer(&s, time.Microsecond)
	const writers, lines = 8, 500
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range lines {
				_, _ = fmt.Fprintf(l, "%d/%03d\n", w, i)
				if i%100 == 0 {
					_ = l.Flush()
				}
			}
		})
	}
	wg.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(s.text(), "\n"), "\n")
	if len(got) != writers*lines {
		t.Fatalf("%d lines", len(got))
	}
	for w := range writers {
		own := slices.DeleteFunc(slices.Clone(got), func(s string) bool { return !strings.HasPrefix(s, fmt.Sprint(w, "/")) })
		if len(own) != lines || !slices.IsSorted(own) {
			t.Errorf("the lines of writer %d are lost or out of order", w)
		}
	}
}
