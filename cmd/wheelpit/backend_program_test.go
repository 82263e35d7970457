package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// A body is sealed: behind a checksum of the request and of all that follows, so that an answer to another request is found out.
const sumLength = 2 * sha256.Size

// seal returns the checksum that a payload of size bytes is to have, and how much there is.
func seal(target string, content []byte, size int) (sum []byte) {
	h := newSum(target, content)
	_ = writePayload(h, size)
	return hex.AppendEncode(nil, h.Sum(nil))
}

func newSum(target string, content []byte) hash.Hash {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s %d ", target, len(content))
	_, _ = h.Write(content)
	return h
}

// writePayload writes bytes that tell their place.
func writePayload(w io.Writer, size int) error {
	block := bytes.Repeat([]byte("0123456789abcde\n"), 1024)
	for at := 0; at < size; at += len(block) {
		copy(block, fmt.Sprintf("%015d", at)) // the newline behind it stays
		if _, err := w.Write(block[:min(len(block), size-at)]); err != nil {
			return err
		}
	}
	return nil
}

// sealed reads a body and says how long it was, and whether it is the one for a request. The error is that of the body.
func sealed(target string, content []byte, body io.Reader) (right bool, n int64, err error) {
	var want bytes.Buffer
	if n, err = io.CopyN(&want, body, sumLength); err == io.EOF {
		return false, n, nil // it ends well, and too soon
	} else if err != nil {
		return false, n, err
	}
	h := newSum(target, content)
	n, err = io.Copy(h, body)
	return err == nil && bytes.Equal(want.Bytes(), hex.AppendEncode(nil, h.Sum(nil))), n + sumLength, err
}

// backendProgram answers with sealed bodies: /size/N with N bytes, /chunked/N without telling the length, /ws with a tunnel that echoes,
// /endless with all it is allowed to write. GET /mode/NAME changes how the requests that follow are treated, and /served and /written count.
type backendProgram struct {
	mode    atomic.Pointer[string]
	served  atomic.Int64
	written atomic.Int64 // bytes of bodies
	kind    atomic.Int64 // of garbage, in turn
}

func backendMain(addr string) int {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	b := &backendProgram{}
	b.mode.Store(new(string))
	fmt.Println("ready")
	fmt.Fprintln(os.Stderr, http.Serve(l, b))
	return 1
}

func (b *backendProgram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/mode/"); ok {
		b.mode.Store(&name)
		return
	}
	switch r.URL.Path {
	case "/served":
		fmt.Fprint(w, b.served.Load())
		return
	case "/written":
		fmt.Fprint(w, b.written.Load())
		return
	}
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	mode := *b.mode.Load()
	switch {
	case mode == "slow":
		time.Sleep(20 * time.Millisecond)
	case mode == "garbage":
		b.garbage(w)
		return
	case r.URL.Path == "/ws":
		echo(w)
		return
	case r.URL.Path == "/endless":
		endless(w)
		return
	}
	b.served.Add(1)
	size, _ := strconv.Atoi(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	w.Header().Set("Content-Type", "application/octet-stream")
	if !strings.HasPrefix(r.URL.Path, "/chunked/") {
		w.Header().Set("Content-Length", strconv.Itoa(sumLength+size))
	}
	_, _ = w.Write(seal(r.URL.RequestURI(), content, size))
	if mode == "broken" {
		_ = writePayload(w, size/2)
		breakOff(w)
		return
	}
	_ = writePayload(counting{w, &b.written}, size)
}

// counting counts what a client took.
type counting struct {
	io.Writer
	n *atomic.Int64
}

func (c counting) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n.Add(int64(n))
	return n, err
}

// breakOff resets the connection in the middle of a body. The head is on its way before: a reset takes along what was not sent.
func breakOff(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush()
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
}

// garbageAnswers are what is no answer: each has an end, or the proxy would have to wait for its time-out.
var garbageAnswers = []string{
	"SSH-2.0-OpenSSH_9.2\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
	"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabcde",
	"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\nab",
	"HTTP/1.1 2000 OK\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n",
	"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
	"",
}

func (b *backendProgram) garbage(w http.ResponseWriter) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_, _ = io.WriteString(c, garbageAnswers[b.kind.Add(1)%int64(len(garbageAnswers))])
		_ = c.Close()
	}
}

// echo is the other end of a tunnel.
func echo(w http.ResponseWriter) {
	c, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	_, _ = io.Copy(c, rw)
}

// endless writes a little, again and again, until nobody reads it.
func endless(w http.ResponseWriter) {
	for {
		if _, err := w.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		time.Sleep(10 * time.Millisecond)
	}
}
