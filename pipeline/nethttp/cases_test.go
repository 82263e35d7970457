package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// exchangeCase is a handler and what a client sends it; %s in send is the path. The response of net/http's own server is
// the expected one, unless deviates says what Wheelpit answers instead.
type exchangeCase struct {
	name     string
	handler  http.HandlerFunc
	send     []string // pieces, sent 20 ms apart
	open     bool     // net/http waits for the rest of the body
	deviates string
}

const (
	get      = "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	getKeep  = "GET %s HTTP/1.1\r\nHost: a\r\n\r\n"
	get10    = "GET %s HTTP/1.0\r\n\r\n"
	head     = "HEAD %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	post     = "POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nabcde"
	postKeep = "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde" + end
	chunked  = "POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
	end      = "GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" // shows where the server believes the request to end
)

func write(w io.Writer, s string) { _, _ = io.WriteString(w, s) }

var cases = []exchangeCase{
	{name: "nothing", handler: func(http.ResponseWriter, *http.Request) {}, send: []string{get}},
	{name: "nothing-keep", handler: func(http.ResponseWriter, *http.Request) {}, send: []string{getKeep + end}},
	{name: "small", handler: func(w http.ResponseWriter, _ *http.Request) { write(w, "hello") }, send: []string{get}},
	{name: "small10", handler: func(w http.ResponseWriter, _ *http.Request) { write(w, "hello") }, send: []string{get10}},
	{name: "pipelined", handler: func(w http.ResponseWriter, _ *http.Request) { write(w, "hello") }, send: []string{getKeep + end}},
	{name: "sniff-html", handler: func(w http.ResponseWriter, _ *http.Request) { write(w, "<html><p>x") }, send: []string{get}},
	{name: "sniff-off", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		write(w, "<html>")
	}, send: []string{get}},
	{name: "sniff-encoded", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		write(w, "<html>")
	}, send: []string{get}},
	{name: "exactly-2048", handler: func(w http.ResponseWriter, _ *http.Request) { write(w, strings.Repeat("x", 2048)) }, send: []string{get}},
	{name: "one-over-2048", handler: func(w http.ResponseWriter, _ *http.Request) { write(w, strings.Repeat("x", 2049)) }, send: []string{get}},
	{name: "many-writes", handler: func(w http.ResponseWriter, _ *http.Request) {
		for i := range 1000 {
			_, _ = fmt.Fprintf(w, "line %d\n", i)
		}
	}, send: []string{get}},
	{name: "big10", handler: func(w http.ResponseWriter, _ *http.Request) { write(w, strings.Repeat("x", 100_000)) }, send: []string{get10}},
	{name: "big-declared", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		write(w, strings.Repeat("x", 100_000))
	}, send: []string{getKeep + end}},
	{name: "read-from", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = io.Copy(w, io.LimitReader(zeros{}, 100_000))
	}, send: []string{get}},
	{name: "status-only", handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418) }, send: []string{get}},
	{name: "superfluous", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(201)
		w.WriteHeader(500)
		w.Header().Set("X-Late", "1")
		write(w, "x")
	}, send: []string{get}},
	{name: "204-with-body", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(204)
		_, err := w.Write([]byte("x"))
		if !errors.Is(err, http.ErrBodyNotAllowed) {
			panic(err)
		}
	}, send: []string{getKeep + end}},
	{name: "304", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Length", "7")
		w.Header().Set("Etag", `"x"`)
		w.WriteHeader(304)
	}, send: []string{getKeep + end}},
	{name: "head-small", handler: func(w http.ResponseWriter, _ *http.Request) { write(w, "hello") }, send: []string{head}},
	{name: "head-declared", handler: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "77") }, send: []string{head}},
	{name: "head-nothing", handler: func(http.ResponseWriter, *http.Request) {}, send: []string{head}},
	{name: "head-big", handler: func(w http.ResponseWriter, _ *http.Request) { write(w, strings.Repeat("x", 9000)) }, send: []string{head}},
	{name: "head-flush", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		write(w, "x")
	}, send: []string{head}},
	{name: "early-flush", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		write(w, "hello")
	}, send: []string{getKeep + end}},
	{name: "flush-then-header", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		w.Header().Set("X-Late", "1")
		w.WriteHeader(500)
	}, send: []string{get}},
	{name: "sse", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
			_ = http.NewResponseController(w).Flush()
		}
	}, send: []string{get}},
	{name: "flush-elsewhere", handler: func(w http.ResponseWriter, _ *http.Request) {
		write(w, "one")
		done := make(chan struct{})
		go func() { w.(http.Flusher).Flush(); close(done) }()
		<-done
		write(w, "two")
	}, send: []string{get}},
	{name: "declared-longer", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		write(w, "abc")
	}, send: []string{getKeep + end}},
	{name: "declared-longer-flushed", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		write(w, "abc")
		w.(http.Flusher).Flush()
	}, send: []string{getKeep + end}},
	{name: "declared-shorter", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3")
		write(w, "abc")
		if _, err := w.Write([]byte("d")); !errors.Is(err, http.ErrContentLength) {
			panic(err)
		}
	}, send: []string{get}},
	{name: "declared-nonsense", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "many")
		write(w, "abc")
	}, send: []string{get}, deviates: "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 3\n"},
	{name: "field-injection", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-A", "b\r\nX-C: d")
		w.Header()["bad name"] = []string{"x"}
		write(w, "abc")
	}, send: []string{get}},
	{name: "many-values", handler: func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
		http.Redirect(w, r, "/x", http.StatusFound)
	}, send: []string{get}},
	{name: "close-asked-by-handler", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		write(w, "abc")
	}, send: []string{getKeep + end}},
	{name: "interim", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(103)
		w.WriteHeader(103)
		w.Header().Del("Link")
		write(w, "abc")
	}, send: []string{get}},
	{name: "echo", handler: echo, send: []string{post}},
	{name: "echo-keep", handler: echo, send: []string{postKeep}},
	{name: "echo-chunked", handler: echo, send: []string{chunked}},
	{name: "echo-slow", handler: echo, send: []string{
		"POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 6\r\n\r\n", "ab", "cd", "ef"}},
	{name: "body-unread", handler: func(w http.ResponseWriter, _ *http.Request) { write(w, "abc") }, send: []string{postKeep}},
	{name: "body-unread-flushed", handler: func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		_, err := r.Body.Read(make([]byte, 1))
		_, _ = fmt.Fprint(w, errors.Is(err, http.ErrBodyReadAfterClose))
	}, send: []string{postKeep}},
	{name: "body-closed", handler: func(w http.ResponseWriter, r *http.Request) {
		_ = r.Body.Close()
		_, err := r.Body.Read(make([]byte, 1))
		_, _ = fmt.Fprint(w, err)
	}, send: []string{postKeep}},
	{name: "body-cut", handler: func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		_, _ = fmt.Fprint(w, err)
	}, send: []string{"POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"}},
	{name: "max-bytes", handler: func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3))
		_, _ = fmt.Fprint(w, err)
	}, send: []string{post}},
	{name: "expect-continue", handler: echo, send: []string{
		"POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", "abcde"}},
	{name: "expect-refused", handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, send: []string{
		"POST %s HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"}, open: true},
	{name: "continue-by-hand", handler: func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(100)
		echo(w, r)
	}, send: []string{
		"POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", "abcde"}},
	{name: "full-duplex", handler: func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		w.(http.Flusher).Flush()
		echo(w, r)
	}, send: []string{"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n", "ab", "cd", "ef" + end}},
	{name: "read-deadline", handler: func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(30 * time.Millisecond))
		_, err := io.ReadAll(r.Body)
		_, _ = fmt.Fprint(w, errors.Is(err, os.ErrDeadlineExceeded))
	}, send: []string{"POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 6\r\n\r\nab"}},
	{name: "write-deadline-passed", handler: func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(-time.Second))
		write(w, "never seen")
	}, send: []string{get}},
	{name: "abort", handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, send: []string{get}},
	{name: "abort-flushed", handler: func(w http.ResponseWriter, _ *http.Request) {
		write(w, "abc")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}, send: []string{get}},
	{name: "panic", handler: func(http.ResponseWriter, *http.Request) { panic("boom") }, send: []string{get},
		deviates: "HTTP/1.1 500 Internal Server Error"},
	{name: "panic-flushed", handler: func(w http.ResponseWriter, _ *http.Request) {
		write(w, "abc")
		w.(http.Flusher).Flush()
		panic("boom")
	}, send: []string{get}},
	{name: "hijack", handler: func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		line, _ := rw.ReadString('\n')
		_, _ = fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\n\r\n%s", line)
		_ = rw.Flush()
		if _, err := w.Write([]byte("x")); !errors.Is(err, http.ErrHijacked) {
			panic(err)
		}
	}, send: []string{getKeep + "early\n"}},
	{name: "hijack-after-101", handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Upgrade", "echo")
		w.Header().Set("Connection", "Upgrade")
		w.WriteHeader(101)
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		line, _ := rw.ReadString('\n')
		write(conn, line)
	}, send: []string{getKeep, "later\n"}},
	{name: "request", handler: describe, send: []string{
		"GET %s?q=%%20&x HTTP/1.1\r\nhOST: b.example:81\r\nuser-agent: t\r\nx-odd_name: 1\r\nX-TWICE: a\r\nx-twice: b\r\n" +
			"pragma: no-cache\r\nConnection: close\r\n\r\n"}},
	{name: "request-post", handler: describe, send: []string{chunked}},
	{name: "request-absolute", handler: describe, send: []string{
		"GET http://c.example%s HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"}},
	{name: "request10", handler: describe, send: []string{get10}},
	{name: "file", handler: func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "x.txt", time.Unix(1e9, 0), strings.NewReader(strings.Repeat("0123456789", 1000)))
	}, send: []string{"GET %s HTTP/1.1\r\nHost: a\r\nRange: bytes=5-4000\r\nConnection: close\r\n\r\n"}},
	{name: "timeout-handler", handler: http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}), 20*time.Millisecond, "too slow").ServeHTTP, send: []string{get}},
}
