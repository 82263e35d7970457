//go:build invariants

package loop

import (
	"bytes"
	"io"
	"testing"

	"github.com/wheelpit/wheelpit/pool"
)

// hoarder keeps views of what it is handed, and takes all but the last byte of it.
type hoarder struct {
	line
	views chan []byte
}

func (h *hoarder) Data(_ *Conn, in []byte) int {
	h.views <- in
	return len(in) - 1
}

// What a protocol has taken is over when Data returns, be it of the read buffer or of what was kept.
func TestInputIsSpoiledBehindData(t *testing.T) {
	h := &hoarder{views: make(chan []byte, 2)}
	l, err := New(Config{Reactors: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Listen(ListenSpec{Addr: "127.0.0.1:0", Open: func(*Conn) Protocol { return h }}); err != nil {
		t.Fatal(err)
	}
	h.r = &rig{}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	c := connect(t, l)
	for i, say := range []string{"first", "second"} {
		if _, err := io.WriteString(c, say); err != nil {
			t.Fatal(err)
		}
		view := <-h.views
		on(l, 0, func(*Reactor) {
			spoiled := bytes.Repeat([]byte{pool.Poison}, len(view))
			if i == 1 { // "tsecond": what is still unread of kept input moves to its front
				spoiled[0] = 'd'
			}
			if !bytes.Equal(view, spoiled) {
				t.Errorf("behind Data its input %q is %q", say, view)
			}
		})
	}
	_ = c.Close()
	if err := l.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}
