package loop

import (
	"bytes"
	"math/rand/v2"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/pool"
)

// tinyPair returns two connected sockets whose buffers hold little.
func tinyPair(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		_ = unix.SetNonblock(fd, true)
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 4096)
	}
	t.Cleanup(func() { _ = unix.Close(fds[0]); _ = unix.Close(fds[1]) })
	return fds[0], fds[1]
}

func testFile(t *testing.T, content []byte) *pool.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	return pool.NewFile(fd)
}

// Random segments of every kind arrive whole and in order through a socket that takes little at a time.
func TestQueueKeepsOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	content := make([]byte, 100000)
	for i := range content {
		content[i] = byte(rnd.Uint32())
	}
	file := testFile(t, content)
	defer file.Release()
	for range 30 {
		a, b := tinyPair(t)
		p := new(pool.Pool)
		r := &Reactor{mem: p.NewLocal(), shared: p, scratch: make([]byte, scratchSize), sharedQueues: new(sharedQueueList)}
		c := &Conn{r: r, fd: int32(a), open: true}
		var want, got []byte
		for range 1 + rnd.IntN(40) {
			n := rnd.IntN(9000)
			at := rnd.IntN(len(content) - n)
			piece := content[at : at+n]
			switch rnd.IntN(4) {
			case 0:
				c.Write(piece)
			case 1:
				c.WriteStatic(piece)
			case 2:
				c.WriteBorrowed(bytes.Clone(piece))
			default:
				n = n*4 + 1
				at = rnd.IntN(len(content) - n)
				piece = content[at : at+n]
				c.WriteFile(file, int64(at), int64(n))
			}
			want = append(want, piece...)
			if rnd.IntN(5) == 0 && c.q != nil {
				c.q.own(r, r.mem)
			}
		}
		if c.Queued() != int64(len(want)) {
			t.Fatalf("%d bytes queued, want %d", c.Queued(), len(want))
		}
		buf := make([]byte, 3000)
		for len(got) < len(want) {
			if c.q != nil && !c.q.empty() {
				how, err := c.q.transmit(a, DefaultSendChunk, r, r.mem)
				if err != nil {
					t.Fatal(err)
				}
				if how == sentBlocked {
					c.q.own(r, r.mem)
				}
			}
			n, err := unix.Read(b, buf)
			if err != nil && err != unix.EAGAIN {
				t.Fatal(err)
			}
			got = append(got, buf[:max(n, 0)]...)
		}
		if !bytes.Equal(got, want) {
			t.Fatal("the bytes differ")
		}
		c.closeQueue()
		if r.scratchUsed {
			t.Fatal("the scratch buffer was not given back")
		}
		if n := p.Outstanding(); n != 0 {
			t.Fatalf("%d buffers not given back", n)
		}
	}
}

// What SendChunk says leaves, and no more; the rest is for another turn.
func TestQueueSendsAChunkAtATime(t *testing.T) {
	a, b := tinyPair(t)
	want := bytes.Repeat([]byte("0123456789"), 6000)
	file := testFile(t, want)
	defer file.Release()
	p := new(pool.Pool)
	r := &Reactor{mem: p.NewLocal(), shared: p, scratch: make([]byte, scratchSize), sharedQueues: new(sharedQueueList)}
	c := &Conn{r: r, fd: int32(a), open: true, lst: &Listener{chunk: 700}}
	c.WriteFile(file, 0, int64(len(want)))
	buf := make([]byte, 3000)
	for sent := 0; c.q != nil && !c.q.empty(); {
		how, err := c.transmitQueue(c.q, r.mem)
		if err != nil || how == sentBlocked {
			t.Fatalf("behind %d bytes: %v, %v", sent, how, err)
		}
		n, err := unix.Read(b, buf)
		if err != nil || n != min(700, len(want)-sent) || !bytes.Equal(buf[:n], want[sent:sent+n]) {
			t.Fatalf("behind %d bytes: %d came, %v", sent, n, err)
		}
		sent += n
	}
	c.closeQueue()
}

func TestQueueReportsATruncatedFile(t *testing.T) {
	a, _ := tinyPair(t)
	file := testFile(t, make([]byte, 50000))
	defer file.Release()
	p := new(pool.Pool)
	r := &Reactor{mem: p.NewLocal(), shared: p, scratch: make([]byte, scratchSize), sharedQueues: new(sharedQueueList)}
	c := &Conn{r: r, fd: int32(a), open: true}
	c.WriteFile(file, 49000, 60000)
	var err error
	for range 10 {
		if _, err = c.q.transmit(a, DefaultSendChunk, r, r.mem); err != nil {
			break
		}
	}
	if err != ErrTruncated {
		t.Errorf("got %v", err)
	}
	c.closeQueue()
}

// What is taken back from a queue is behind the position, in whatever segment that is, and what is before it leaves.
func TestQueueTruncate(t *testing.T) {
	const total = 5 + 4 + 10 + 3
	file := testFile(t, []byte("0123456789"))
	defer file.Release()
	for keep := int64(1); keep <= total; keep++ {
		var q queue
		var p pool.Pool
		r := &Reactor{}
		q.push(segment{kind: segOwned, buf: append(p.Get(7), "xxOWNED"...), off: 2})
		q.push(segment{kind: segStatic, buf: []byte("FIXE")})
		q.push(segment{kind: segFile, file: file.Acquire(), end: 10})
		q.push(segment{kind: segOwned, buf: append(p.Get(3), "END"...)})
		q.truncate(keep, r, &p)
		var sum int64
		for i := range q.segs {
			if q.segs[i].left() <= 0 {
				t.Errorf("keep %d: an empty segment", keep)
			}
			sum += q.segs[i].left()
		}
		if q.bytes != keep || sum != keep {
			t.Errorf("keep %d: %d bytes counted, %d there", keep, q.bytes, sum)
		}
		if first := q.segs[0].buf[q.segs[0].off:]; string(first) != "OWNED"[:min(keep, 5)] {
			t.Errorf("keep %d: %q", keep, first)
		}
		q.reset(r, &p)
	}
}
