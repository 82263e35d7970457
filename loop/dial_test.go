package loop

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// caller sends when it is connected, as much as it is told to, and tells what becomes of it.
type caller struct {
	line
	text []byte
	told chan string
}

func (d *caller) Connected(c *Conn) {
	d.told <- "connected"
	c.WriteStatic(d.text)
}

func (d *caller) Drained(*Conn)           { d.told <- "drained" }
func (d *caller) Closed(_ *Conn, e error) { d.told <- "closed: " + e.Error() }

// dial calls a server from the reactor of l.
func (d *caller) dial(l *Loop, spec DialSpec) (err error) {
	on(l, 0, func(r *Reactor) { _, err = r.Dial(&spec, d) })
	return err
}

func newCaller(n int) *caller {
	return &caller{text: bytes.Repeat([]byte("x"), n), told: make(chan string, 10)}
}

// Addresses of all kinds are those that are meant.
func TestDial(t *testing.T) {
	_, l := run(t, Config{})
	abstract := fmt.Sprintf("@wheelpit-dial-%d", os.Getpid())
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0", filepath.Join(t.TempDir(), "s"), abstract} {
		network := "tcp"
		if !strings.HasSuffix(addr, ":0") {
			network = "unix"
		}
		if strings.HasPrefix(addr, "@") && runtime.GOOS != "linux" {
			continue
		}
		ln, err := net.Listen(network, addr)
		if err != nil {
			t.Logf("%s: %v", addr, err)
			continue
		}
		spec := DialSpec{Unix: addr}
		if network != "unix" {
			spec = DialSpec{Addr: netip.MustParseAddrPort(ln.Addr().String())}
		}
		d := newCaller(5)
		if err := d.dial(l, spec); err != nil {
			t.Fatalf("%s: %v", addr, err)
		}
		peer, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		var got [5]byte
		if _, err := io.ReadFull(peer, got[:]); err != nil || string(got[:]) != "xxxxx" {
			t.Errorf("%s: %q, %v", addr, got, err)
		}
		_, _ = peer.Close(), ln.Close()
	}
}

// A socket that was registered for reading alone and turns out to be full is written to when it has room.
func TestDialledSocketThatFills(t *testing.T) {
	_, l := run(t, Config{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	d := newCaller(32 << 20)
	if err := d.dial(l, DialSpec{Addr: netip.MustParseAddrPort(ln.Addr().String())}); err != nil {
		t.Fatal(err)
	}
	peer, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	_ = peer.SetDeadline(time.Now().Add(time.Minute))
	if n, err := io.CopyN(io.Discard, peer, 32<<20); err != nil {
		t.Fatalf("%d bytes, then %v", n, err)
	}
	if a, b := <-d.told, <-d.told; a != "connected" || b != "drained" {
		t.Errorf("told %s, %s", a, b)
	}
}

func TestDialRefused(t *testing.T) {
	_, l := run(t, Config{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := netip.MustParseAddrPort(ln.Addr().String())
	_ = ln.Close()
	d := newCaller(5)
	if err := d.dial(l, DialSpec{Addr: gone}); err != nil {
		t.Fatal(err)
	}
	if got := <-d.told; !strings.Contains(got, unix.ECONNREFUSED.Error()) {
		t.Errorf("told %q", got)
	}
	for path, want := range map[string]error{
		filepath.Join(t.TempDir(), "none"): unix.ENOENT,
		"/" + strings.Repeat("x", 200):     unix.EINVAL,
	} {
		if err := d.dial(l, DialSpec{Unix: path}); !errors.Is(err, want) {
			t.Errorf("%.20s: %v, want %v", path, err, want)
		}
	}
}
