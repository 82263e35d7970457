package loop

import (
	"context"
	"testing"
	"time"
)

// A request that has come while a reactor was late is answered: its grace is over in the tick before.
func TestDrainOfALateReactor(t *testing.T) {
	_, l := run(t, Config{})
	c := connect(t, l)
	say(t, c, "hello", "hello")
	ended := make(chan error)
	go func() { ended <- l.Drain(context.Background()) }()
	late, hold := make(chan struct{}), make(chan struct{})
	var block func()
	block = func() {
		if r := l.reactors[0]; !r.Draining() {
			r.Post(block)
			return
		}
		close(late)
		<-hold
	}
	l.reactors[0].Post(block)
	<-late
	time.Sleep(drainGrace + 3*Tick)
	if _, err := c.Write([]byte("late\n")); err != nil {
		t.Fatal(err)
	}
	close(hold)
	say(t, c, "", "late\n")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
