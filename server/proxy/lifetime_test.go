package proxy_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// upstreamVariables asks for all of them, as a log may at the end of any request, and sees to it that none shows memory that was given
// back.
func upstreamVariables(t *testing.T, c *pipeline.Ctx) {
	var b []byte
	for _, f := range []func(*pipeline.Ctx, []byte) ([]byte, bool){
		proxy.AppendAddr, proxy.AppendStatus, proxy.AppendConnectTime, proxy.AppendHeaderTime, proxy.AppendResponseTime,
		proxy.AppendLength, proxy.AppendReceived, proxy.AppendSent, proxy.AppendCacheStatus,
		proxy.HeaderVariable("content_type"), proxy.HeaderVariable("content_length"), proxy.CookieVariable("a"), proxy.TrailerVariable("x"),
	} {
		b, _ = f(c, b)
	}
	if bytes.IndexByte(b, 0xdb) >= 0 {
		t.Errorf("%q", b)
	}
}

// slowReader makes a peer that reads but the beginning of a request, up to and with the word until, sends answer, and reads on once
// the channel is closed. What it read is sent to the other channel.
func slowReader(t *testing.T, until, answer string) (p *peer, on chan struct{}, read chan []byte) {
	on, read = make(chan struct{}), make(chan []byte, 1)
	p = script(t, func(c *net.TCPConn, n int) {
		if n > 0 {
			return
		}
		var all []byte
		for b := make([]byte, 256); !bytes.Contains(all, []byte(until)); {
			k, err := c.Read(b)
			if all = append(all, b[:k]...); err != nil {
				break
			}
		}
		say(c, answer)
		<-on
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		rest, _ := io.ReadAll(c)
		read <- append(all, rest...)
	})
	raw, err := p.ln.(*net.TCPListener).SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<10) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return p, on, read
}

// An application of FastCGI may end its answer before it has read the request, and read the rest of that while it ends. The rest is that
// of its request, though the request is over and its memory another one's.
func TestRestOfABodyBehindItsAnswer(t *testing.T) {
	p, on, read := slowReader(t, "bbbb", record(recordStdout, "\r\nhello")+record(recordStdout, ""))
	f := start(t, options{cfg: proxy.Config{Protocol: proxy.FastCGI, SendBuffer: 4 << 10}}, p)
	c := f.dial(t)
	say(c, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 32768\r\n\r\n"+strings.Repeat("b", 32<<10))
	if g := c.response("POST"); g.status != 200 || g.body != "hello" {
		t.Fatalf("%+v", g)
	}
	f.get(t, "/another") // the first is over now
	close(on)
	in := <-read
	for len(in) >= 8 {
		n := min(8+int(binary.BigEndian.Uint16(in[4:])), len(in))
		if body := in[8:n]; in[1] == recordStdin && len(bytes.Trim(body, "b")) > 0 {
			t.Fatalf("bytes of another: %.40q", bytes.Trim(body, "b"))
		}
		in = in[min(n+int(in[6]), len(in)):]
	}
}

// So may a peer that switches protocols, when the client has left and what it sent is still to be sent on.
func TestRestOfABodyBehindATunnel(t *testing.T) {
	p, on, read := slowReader(t, "bbbb", upgradeAnswer)
	over := make(chan struct{}, 8)
	f := start(t, options{cfg: proxy.Config{Fields: upgradeFields, SendBuffer: 4 << 10}, log: func(*server.Entry) { over <- struct{}{} }}, p)
	c := f.dial(t)
	say(c, strings.Replace(upgradeRequest, "Host:", "Content-Length: 32768\r\nHost:", 1)+strings.Repeat("b", 32<<10))
	if !c.switched() {
		t.Fatal("no 101")
	}
	reset(c.TCPConn)
	<-over
	f.get(t, "/another")
	close(on)
	_, body, _ := bytes.Cut(<-read, []byte("\r\n\r\n"))
	if len(body) != 32<<10 || len(bytes.Trim(body, "b")) > 0 {
		t.Errorf("%d bytes, of another: %.40q", len(body), bytes.Trim(body, "b"))
	}
}
