package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// TestLargeEcho has a body come back while it is sent, as fast as both go, and with a client that does not read for a while: it comes
// whole, and little of it is kept.
func TestLargeEcho(t *testing.T) {
	size := 100 << 20
	if testing.Short() {
		size = 16 << 20
	}
	piece := []byte(pattern(1 << 20))
	f := start(t, options{worker: true, cfg: proxy.Config{StreamRequest: true}}, duplexPeer(t, nil))
	for _, rests := range []bool{false, true} {
		before := kept()
		k := open(t, f.addr, "/length HTTP/1.1", "Content-Length: "+strconv.Itoa(size))
		_ = k.SetDeadline(time.Now().Add(5 * time.Minute))
		go func() {
			for n := 0; n < size; n += len(piece) {
				_, _ = k.Write(piece)
			}
		}()
		if rests {
			time.Sleep(200 * time.Millisecond) // for the buffers to fill: not an order of events, only a larger number
		}
		k.head()
		got := make([]byte, len(piece))
		for n := 0; n < size; n += len(got) {
			if _, err := io.ReadFull(k.resp.Body, got); err != nil || !bytes.Equal(got, piece) {
				t.Fatalf("at %d: %v", n, err)
			}
			if n%(10<<20) == 0 {
				if grown := keptMore(before, 4<<20); grown > 4<<20 {
					t.Fatalf("rests %v, at %d: the heap grew by %d KiB", rests, n, grown>>10)
				}
			}
		}
	}
}

// kept is the least of several measurements of the heap: what stays, without the garbage of a busy moment.
func kept() uint64 {
	least := heap()
	for range 3 {
		least = min(least, heap())
	}
	return least
}

// TestOneWayWaits has one direction stand still: the other goes on.
func TestOneWayWaits(t *testing.T) {
	const size = 24 << 20
	t.Run("the client does not read", func(t *testing.T) {
		read := make(chan int64, 1)
		p := script(t, func(c *net.TCPConn, _ int) {
			r := newRequest(c)
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(size)+"\r\n\r\n")
			answered := make(chan struct{})
			go func() {
				defer close(answered)
				_, _ = c.Write(make([]byte, size))
			}()
			n, _ := io.Copy(io.Discard, r.Body)
			read <- n
			<-answered
		})
		f := start(t, options{worker: true, cfg: proxy.Config{StreamRequest: true}}, p)
		k := open(t, f.addr, "/x HTTP/1.1", "Content-Length: "+strconv.Itoa(size))
		_, _ = k.Write(make([]byte, size))
		if n := <-read; n != size { // although nothing of the answer was read
			t.Fatalf("the peer had %d", n)
		}
		k.head()
		if n, err := io.Copy(io.Discard, k.resp.Body); n != size || err != nil {
			t.Errorf("the client had %d, %v", n, err)
		}
	})
	t.Run("the peer does not read", func(t *testing.T) {
		goOn, read := make(chan struct{}), make(chan int64, 1)
		p := script(t, func(c *net.TCPConn, _ int) {
			r := newRequest(c)
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(size+1)+"\r\n\r\n")
			_, _ = c.Write(make([]byte, size))
			<-goOn
			n, _ := io.Copy(io.Discard, r.Body)
			read <- n
			say(c, "!")
		})
		f := start(t, options{worker: true, cfg: proxy.Config{StreamRequest: true}}, p)
		k := open(t, f.addr, "/x HTTP/1.1", "Content-Length: "+strconv.Itoa(size))
		go func() { _, _ = k.Write(make([]byte, size)) }()
		k.head()
		if n, err := io.CopyN(io.Discard, k.resp.Body, size); err != nil { // although nothing of the body was
			t.Errorf("the client had %d, %v", n, err)
		}
		close(goOn)
		if n := <-read; n != size {
			t.Errorf("the peer had %d", n)
		}
		if rest, err := io.ReadAll(k.resp.Body); string(rest) != "!" || err != nil {
			t.Errorf("the client had %q, %v", rest, err)
		}
	})
}

// TestNextPeerWhileNothingWasSent has a peer that closes before the body was begun, and one that closes behind a part of it.
func TestNextPeerWhileNothingWasSent(t *testing.T) {
	for _, begun := range []bool{false, true} {
		closed := make(chan struct{})
		bad := script(t, func(c *net.TCPConn, _ int) {
			defer close(closed)
			if r := newRequest(c); begun {
				_, _ = io.ReadFull(r.Body, make([]byte, 3))
			}
		})
		good := script(t, each(echo))
		f := start(t, options{worker: true, cfg: proxy.Config{StreamRequest: true, Next: proxy.OnError | proxy.NonIdempotent}}, bad, good)
		k := open(t, f.addr, "/x HTTP/1.1", "Content-Length: 6")
		want := "[200 [] 6 rest abcdef]"
		if begun {
			want = "[502]"
			say(k, "abc")
		}
		<-closed
		if !begun {
			within(t, time.Minute, "no second peer", func() {
				for good.conns.Load() == 0 {
					time.Sleep(time.Millisecond)
				}
			})
			say(k, "abcdef")
			k.head()
			k.rest()
		} else if k.head(); k.resp != nil {
			k.said = []string{strconv.Itoa(k.resp.StatusCode)}
		}
		if got := fmt.Sprint(k.said); got != want {
			t.Errorf("begun %v: %s, want %s", begun, got, want)
		}
	}
}

// TestStormOfAborts has clients leave, with and without a reset, in every state of a request whose answer comes while its body is
// sent; and peers that do the same. Afterwards all is given back, and requests are answered.
func TestStormOfAborts(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 100
	}
	p := script(t, func(c *net.TCPConn, n int) {
		r := newRequest(c)
		if r == nil {
			return
		}
		switch r.URL.Path {
		case "/whole":
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		case "/leaves":
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
			_, _ = io.CopyN(c, r.Body, int64(n*977%90000))
			if n%2 == 0 {
				reset(c)
			}
			return
		default:
			say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			echoBody(c, r.Body)
			say(c, "0\r\n\r\n")
		}
	})
	f := start(t, options{worker: true, reactors: 2, cfg: proxy.Config{StreamRequest: true}}, p)
	var all sync.WaitGroup
	for i := range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for range rounds / 8 {
				abortOnce(f.addr, r)
			}
		}()
	}
	all.Wait()
	f.settled(t)
	k := open(t, f.addr, "/echo HTTP/1.1", "Content-Length: 3")
	say(k, "abc")
	k.head()
	if k.rest(); fmt.Sprint(k.said) != "[200 [chunked] -1 rest abc]" {
		t.Errorf("%q", k.said)
	}
}

// abortOnce sends and reads as much of a request as chance says, and leaves.
func abortOnce(addr string, r *rand.Rand) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer conn.Close()
	c := conn.(*net.TCPConn)
	_ = c.SetDeadline(time.Now().Add(100 * time.Millisecond))
	path := []string{"/echo", "/leaves", "/whole"}[r.IntN(3)]
	say(c, "POST "+path+" HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n"+strings.Repeat("x", r.IntN(1000)))
	if r.IntN(4) > 0 {
		_, _ = c.Write(make([]byte, r.IntN(190000)))
	}
	if r.IntN(3) > 0 {
		_, _ = io.CopyN(io.Discard, c, int64(r.IntN(20000)/(1+r.IntN(50))))
	}
	switch r.IntN(3) {
	case 0:
		_ = c.CloseWrite()
		_, _ = io.CopyN(io.Discard, c, int64(r.IntN(2000)))
	case 1:
		_ = c.SetLinger(0)
	}
}

// newRequest reads the head of a request; nil when there is none.
func newRequest(c net.Conn) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return nil
	}
	return r
}
