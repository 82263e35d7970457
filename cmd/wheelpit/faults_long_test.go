//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// downloading is a response of which a part was read.
type downloading struct {
	t      *testing.T
	target string
	conn   net.Conn
	res    *http.Response
}

// download asks for a target and reads the head.
func download(t *testing.T, addr, target string) *downloading {
	t.Helper()
	d := &downloading{t: t, target: target}
	var err error
	if d.conn, err = net.Dial("tcp", addr); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.conn.Close() })
	_ = d.conn.SetDeadline(time.Now().Add(patience))
	_, _ = fmt.Fprintf(d.conn, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", target)
	if d.res, err = http.ReadResponse(bufio.NewReaderSize(d.conn, 4096), nil); err != nil {
		t.Fatal(err)
	}
	return d
}

// read reads the body to its end and says whether it is what was asked for.
func (d *downloading) read() (right bool, err error) {
	_ = d.conn.SetDeadline(time.Now().Add(patience))
	right, _, err = sealed(d.target, nil, d.res.Body)
	return right, err
}

// tunnel is a connection behind 101.
type tunnel struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func openTunnel(t *testing.T, addr string) *tunnel {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(conn, "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	r := bufio.NewReader(conn)
	if res, err := http.ReadResponse(r, nil); err != nil || res.StatusCode != 101 {
		t.Fatalf("%v, %+v", err, res)
	}
	return &tunnel{t, conn, r}
}

// say sends a line and reads it back.
func (c *tunnel) say(line string) error {
	_, _ = io.WriteString(c.conn, line+"\n")
	got, err := c.r.ReadString('\n')
	if err == nil && got != line+"\n" {
		err = fmt.Errorf("%q came back as %q", line, got)
	}
	return err
}

// TestTunnelsOverReload: what was a WebSocket before a reload goes on in the old worker, which ends with the last of them.
func TestTunnelsOverReload(t *testing.T) {
	g := newGateway(t, 1)
	g.configure("", "", "", "")
	g.start()
	old := g.worker()
	var tunnels []*tunnel
	for range 20 {
		tunnels = append(tunnels, openTunnel(t, g.addr))
	}
	talk := func(when string) {
		t.Helper()
		for i, c := range tunnels {
			if err := c.say(fmt.Sprintf("%s %d %s", when, i, strings.Repeat("x", i*1000))); err != nil {
				t.Errorf("%s: tunnel %d: %v", when, i, err)
			}
		}
	}
	talk("before")
	g.reload()
	talk("behind the reload")
	tunnels = append(tunnels, openTunnel(t, g.addr))
	talk("with a new one")
	if err := syscall.Kill(old, 0); err != nil {
		t.Errorf("the old worker has left its tunnels: %v", err)
	}
	for _, c := range tunnels[:20] {
		_ = c.conn.Close()
	}
	g.ended(old)
	tunnels = tunnels[20:]
	talk("alone")
}

// memory is what a process holds of its own, in bytes.
func memory(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "RssAnon:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}

// TestClientsThatStopReading: bodies of 100 MiB that nobody reads are not gathered in memory, and are right when they are read after all.
func TestClientsThatStopReading(t *testing.T) {
	const size, stalled, bound = 100 << 20, 5, 48 << 20
	for name, location := range map[string]string{
		"in files":   "proxy_buffering on;",
		"no files":   "proxy_buffering on; proxy_max_temp_file_size 0;",
		"unbuffered": "proxy_buffering off;",
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t, 1)
			g.configure("", "", "", location+" proxy_read_timeout 60s; send_timeout 60s;")
			g.start()
			worker := g.worker()
			var all []*downloading
			for i := range stalled {
				all = append(all, download(t, g.addr, fmt.Sprintf("/chunked/%d?%d", size, i)))
			}
			most, last := 0, -1
			until(t, "the end of what is read ahead", func() bool {
				now := g.backends[0].count("written")
				grows := now != last
				last = now
				most = max(most, memory(t, worker))
				time.Sleep(200 * time.Millisecond)
				return !grows
			})
			t.Logf("%d bodies of 100 MiB wait in %d MiB of memory; %d MiB were read ahead", stalled, most>>20, last>>20)
			if most > bound {
				t.Errorf("%d MiB of memory", most>>20)
			}
			if right, err := all[2].read(); !right || err != nil {
				t.Errorf("the body that was read in the end: %v, %v", right, err)
			}
		})
	}
}
