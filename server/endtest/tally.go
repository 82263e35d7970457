// Package endtest is for tests that want the end of every request to be told, and told once: to the functions of Ctx.OnLeave and
// Ctx.OnClose, and to the access log. Requests are told apart by their argument id.
package endtest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Tally counts, for each request that a handler has seen, how often its end was told. It is the output of the server's log, too. Any
// goroutine may use it.
type Tally struct {
	mu    sync.Mutex
	began map[string]bool
	ends  map[string]*[3]int // OnLeave, OnClose, the access log
	text  bytes.Buffer
}

// New makes a Tally.
func New() *Tally { return &Tally{began: map[string]bool{}, ends: map[string]*[3]int{}} }

// Follow has the end of a request counted. A handler calls it once for each request.
func (y *Tally) Follow(c *pipeline.Ctx) {
	id := c.Query("id")
	y.mu.Lock()
	y.began[id] = true
	y.mu.Unlock()
	y.follow(c, id)
}

// FollowFirst is Follow for a handler that a request may come by several times, because it is suspended.
func (y *Tally) FollowFirst(c *pipeline.Ctx) {
	id := c.Query("id")
	y.mu.Lock()
	seen := y.began[id]
	y.began[id] = true
	y.mu.Unlock()
	if !seen {
		y.follow(c, id)
	}
}

func (y *Tally) follow(c *pipeline.Ctx, id string) {
	c.OnLeave(func() { y.count(id, 0) })
	c.OnClose(func() { y.count(id, 1) })
}

// Logged is what the access log is told.
func (y *Tally) Logged(c *pipeline.Ctx) { y.count(c.Query("id"), 2) }

func (y *Tally) count(id string, which int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	n := y.ends[id]
	if n == nil {
		n = new([3]int)
		y.ends[id] = n
	}
	n[which]++
}

// Told is how often the end of a request was told to the functions of OnLeave, of OnClose, and to the access log.
func (y *Tally) Told(id string) (n [3]int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if got := y.ends[id]; got != nil {
		n = *got
	}
	return n
}

// Write takes what the server logs.
func (y *Tally) Write(p []byte) (int, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.text.Write(p)
}

// Text is what the server has logged.
func (y *Tally) Text() string {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.text.String()
}

// Once waits until the ends of all requests are told, which may be on a worker, and wants no end to be told twice. Of a request that
// is closed and not in the log, the log was told something else.
func (y *Tally) Once(t testing.TB) {
	t.Helper()
	for end := time.Now().Add(time.Minute); len(y.wrong()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("ends told (OnLeave, OnClose, the log): %.3000q", y.wrong())
		}
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	t.Logf("%d requests", len(y.began))
}

// wrong lists the requests whose end was not told once to each.
func (y *Tally) wrong() (list []string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for id := range y.began {
		if got := y.ends[id]; got == nil || *got != [3]int{1, 1, 1} {
			list = append(list, fmt.Sprintf("%q: %v", id, got))
		}
	}
	return list
}
