package proxy_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/endtest"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// A mood is how a peer answers, and what it does then.
type mood struct {
	text  string
	early bool // it does not read the body first
	end   func(c *net.TCPConn)
}

func hangUp(*net.TCPConn) {} // the connection is closed by who calls

var moods = map[string]mood{
	"/little":     {text: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
	"/much":       {text: "HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n" + strings.Repeat("x", 400000)},
	"/chunks":     {text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1000\r\n"+strings.Repeat("y", 4096)+"\r\n", 50) + "0\r\n\r\n"},
	"/interim":    {text: "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
	"/slow":       {text: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
	"/close":      {text: "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("z", 100000), end: hangUp},
	"/cut":        {text: "HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n" + strings.Repeat("x", 200000), end: hangUp},
	"/cutchunks":  {text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\nxxxx", end: reset},
	"/none":       {end: reset},
	"/garbage":    {text: "what?\r\n\r\n", end: hangUp},
	"/early":      {text: "HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n" + strings.Repeat("x", 400000), early: true, end: hangUp},
	"/earlyreset": {text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nearly", early: true, end: reset},
	"/upgrade":    {text: upgradeAnswer + "hello", early: true, end: func(c *net.TCPConn) { _, _ = io.CopyN(c, c, 1000) }},
}

// moody answers as the path of each request says.
func moody(c *net.TCPConn, _ int) {
	r := bufio.NewReaderSize(c, 4096)
	for {
		path, length, err := requestHead(r)
		m, ok := moods[path]
		if err != nil || !ok {
			return
		}
		if !m.early {
			if _, err := io.CopyN(io.Discard, r, length); err != nil {
				return
			}
		}
		if path == "/slow" {
			time.Sleep(30 * time.Millisecond)
		}
		if say(c, m.text); m.end != nil {
			m.end(c)
			return
		}
	}
}

// requestHead reads the head of a request, and returns its path and the length of its body.
func requestHead(r *bufio.Reader) (path string, length int64, err error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", 0, err
	}
	_, target, _ := strings.Cut(line, " ")
	path, _, _ = strings.Cut(target, "?")
	for {
		f, err := r.ReadString('\n')
		if err != nil || f == "\r\n" {
			return path, length, err
		}
		if v, ok := strings.CutPrefix(f, "Content-Length: "); ok {
			length, _ = strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		}
	}
}

// requests are a few pipelined requests, with bodies of all kinds.
func requests(name string, paths []string, rnd *rand.Rand) string {
	var text strings.Builder
	for i := range 1 + rnd.IntN(6) {
		path := paths[rnd.IntN(len(paths))]
		body := []string{"GET", "HEAD", "POST\r\nContent-Length: 5", "PUT\r\nTransfer-Encoding: chunked", "POST\r\nContent-Length: 200000", "POST\r\nExpect: 100-continue\r\nContent-Length: 5"}[rnd.IntN(6)]
		method, fields, _ := strings.Cut(body, "\r\n")
		more := ""
		if path == "/upgrade" {
			more = "Connection: upgrade\r\nUpgrade: echo\r\n"
		}
		fmt.Fprintf(&text, "%s %s?id=%s.%d HTTP/1.1\r\nHost: a\r\n%s", method, path, name, i, more)
		switch {
		case fields == "":
			text.WriteString("\r\n")
		case strings.HasSuffix(fields, "chunked"):
			text.WriteString(fields + "\r\n\r\n5\r\n12345\r\n0\r\n\r\n")
		case strings.HasSuffix(fields, " 5"):
			text.WriteString(fields + "\r\n\r\n12345")
		default:
			text.WriteString(fields + "\r\n\r\n" + strings.Repeat("y", 200000))
		}
	}
	return text.String()
}

// visit asks for a few things at once, and leaves in one of the ways that clients leave.
func visit(addr, name string, paths []string, rnd *rand.Rand) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	all := requests(name, paths, rnd)
	all = all[:len(all)-rnd.IntN(2)*rnd.IntN(len(all))]
	tcp, sent := conn.(*net.TCPConn), make(chan struct{})
	go func() {
		defer close(sent)
		for at, piece := 0, 1+len(all)/(1+len(all)%4); at < len(all); at += piece {
			_, _ = io.WriteString(conn, all[at:min(at+piece, len(all))])
			time.Sleep(time.Millisecond)
		}
	}()
	some := func() {
		_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = io.CopyN(io.Discard, conn, int64(rnd.IntN(1<<20)))
	}
	switch rnd.IntN(4) {
	case 0: // reads everything
		go func() { <-sent; _ = tcp.CloseWrite() }()
		_, _ = io.Copy(io.Discard, conn)
	case 1: // reads some, and resets
		some()
		_ = tcp.SetLinger(0)
	case 2: // resets without reading
		time.Sleep(time.Duration(rnd.IntN(20)) * time.Millisecond)
		_ = tcp.SetLinger(0)
	case 3: // closes its side at once, and reads a little
		_ = tcp.CloseWrite()
		some()
	}
	return nil
}

// Whatever becomes of a request, of its client and of its peer, its end is told once, and every peer is given back.
func TestEveryProxiedRequestEndsOnce(t *testing.T) {
	for _, worker := range []bool{false, true} {
		for _, cfg := range []proxy.Config{{}, {Unbuffered: true}, {StreamRequest: true}, {StreamRequest: true, Unbuffered: true}} {
			for _, most := range []int{0, 3} {
				t.Run(fmt.Sprintf("worker %v, streams %v, unbuffered %v, max_conns %d", worker, cfg.StreamRequest, cfg.Unbuffered, most), func(t *testing.T) {
					t.Parallel()
					visits(t, worker, cfg, most)
				})
			}
		}
	}
}

func visits(t *testing.T, worker bool, cfg proxy.Config, most int) {
	p := script(t, moody)
	conf := upstream.Config{Servers: []upstream.ServerConfig{{Address: p.addr}}}
	if most > 0 {
		conf = queued(p, most, 2*time.Second)
	}
	conf.Name, conf.Servers[0].MaxFails = "backend", -1
	g, err := upstream.New(conf)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Fields = upgradeFields
	cfg.Upstream = proxy.NewUpstream("backend", "backend", g, proxy.KeepAlive{Max: 8, Requests: 1000, Time: time.Hour, Timeout: time.Minute})
	h, err := proxy.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := endtest.New()
	serve := func(c *pipeline.Ctx) error {
		l.FollowFirst(c)
		return h.Serve(c)
	}
	app := pipeline.New()
	app.Logger = slog.New(slog.DiscardHandler)
	if worker {
		app.Path("<path:rest>", serve)
	} else {
		app.Path("<path:rest>", serve, pipeline.Inline)
	}
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 2, Workers: 16, MaxBody: 1 << 30,
		AccessLog: func(e *server.Entry) { upstreamVariables(t, e.Ctx); l.Logged(e.Ctx) }, Log: slog.New(slog.NewTextHandler(l, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	givesBack(t)
	f, paths := &front{srv: s, group: g}, slices.Sorted(maps.Keys(moods))
	var all sync.WaitGroup
	for k := range 6 {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(k), 7))
			for i := range 5 {
				if err := visit(s.Addrs()[0], fmt.Sprintf("%d.%d", k, i), paths, rnd); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	f.settled(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	l.Once(t)
	if s := l.Text(); strings.Contains(s, "panic") {
		t.Errorf("%.3000s", s)
	}
}
