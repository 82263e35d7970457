//go:build linux

package master

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// get asks once, on a connection of its own.
func get(addr, path string) (string, error) {
	network := "tcp"
	if strings.HasPrefix(addr, "/") {
		network = "unix"
	}
	conn, err := net.DialTimeout(network, addr, time.Minute)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path); err != nil {
		return "", err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

func (s *site) get(path string) string {
	s.t.Helper()
	body, err := get(s.addr, path)
	if err != nil {
		s.t.Errorf("GET %s: %v", path, err)
	}
	return body
}

// worker is the process that answers.
func (s *site) worker() int {
	s.t.Helper()
	pid, err := strconv.Atoi(s.get("/pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	return pid
}

// load is a stream of requests, each on a new connection, until it is stopped.
type load struct {
	end    context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	good   int
	faults []error
}

func startLoad(addr string, clients int) *load {
	return newLoad(clients, func() error { _, err := get(addr, "/"); return err })
}

// startKeptLoad is startLoad over kept-alive connections, with a client that repeats a request, as RFC 9110 section 9.2.2
// allows and browsers do, when the connection it kept was closed before the answer began.
func startKeptLoad(addr string, clients int) *load {
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: time.Minute}
	return newLoad(clients, func() error {
		res, err := c.Get("http://" + addr + "/")
		if err != nil {
			return err
		}
		defer func() { _ = res.Body.Close() }()
		_, err = io.Copy(io.Discard, res.Body)
		return err
	})
}

func newLoad(clients int, request func() error) *load {
	ctx, end := context.WithCancel(context.Background())
	l := &load{end: end}
	for range clients {
		l.wg.Add(1)
		go l.client(ctx, request)
	}
	return l
}

func (l *load) client(ctx context.Context, request func() error) {
	defer l.wg.Done()
	for ctx.Err() == nil {
		err := request()
		l.mu.Lock()
		if err != nil {
			l.faults = append(l.faults, fmt.Errorf("%s: %w", time.Now().Format("15:04:05.000"), err))
		} else {
			l.good++
		}
		l.mu.Unlock()
		time.Sleep(time.Millisecond)
	}
}

// stop ends the load and returns what it met.
func (l *load) stop() (good int, faults []error) {
	l.end()
	l.wg.Wait()
	return l.good, l.faults
}

// flawless ends the load; every request must have been answered.
func (l *load) flawless(t *testing.T) {
	t.Helper()
	good, faults := l.stop()
	if len(faults) > 0 || good == 0 {
		t.Errorf("%d requests answered, %d failed; the first: %v", good, len(faults), append(faults, nil)[0])
	}
}
