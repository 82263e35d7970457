package front

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

// TestHandover has processes of a generation write, at once, and one of the next read; what was there before is not read.
func TestHandover(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "shared"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	for generation := 1; generation <= 3; generation++ {
		old, next := newHandover(f, generation), newHandover(f, generation+1)
		ctx, cancel := context.WithCancel(context.Background())
		var mu sync.Mutex
		var got []upstream.Saved
		var readers sync.WaitGroup
		begun := make(chan struct{})
		readers.Go(func() {
			close(begun)
			if err := next.follow(ctx, func(list []upstream.Saved) {
				mu.Lock()
				got = append(got, list...)
				mu.Unlock()
			}); err != nil {
				t.Error(err)
			}
		})
		<-begun
		time.Sleep(2 * handoverLook)
		for i := range 3 {
			sessions := make([]upstream.SavedSession, 1000*i)
			for k := range sessions {
				sessions[k] = upstream.SavedSession{Key: [2]uint64{uint64(k), uint64(generation)}, SID: "sid", Last: int64(k)}
			}
			if err := old.save([]upstream.Saved{{Name: fmt.Sprint(generation, i), Sessions: sessions}}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(handoverLook)
		}
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
			mu.Lock()
			n := len(got)
			mu.Unlock()
			if n == 3 {
				break
			}
		}
		cancel()
		readers.Wait()
		if len(got) != 3 {
			t.Fatalf("generation %d: %d records", generation, len(got))
		}
		for i, s := range got {
			if s.Name != fmt.Sprint(generation, i) || len(s.Sessions) != 1000*i {
				t.Errorf("generation %d: record %d is %q with %d sessions", generation, i, s.Name, len(s.Sessions))
			}
		}
	}
}

// TestHandoverWithoutMemory is a system that shares none.
func TestHandoverWithoutMemory(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if newHandover(null, 1) != nil || newHandover(nil, 1) != nil {
		t.Error("there is a place to hand over at")
	}
}
