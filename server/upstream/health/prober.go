package health

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
)

// Target is what is to be asked of whom.
type Target struct {
	Network, Addr string // to dial
	Host, URI     string
}

// Prober sends one request and returns the response. It is called from several goroutines, and ends with ctx.
type Prober interface {
	Probe(ctx context.Context, t Target) (Response, error)
}

// Dialer is the prober for HTTP servers without TLS: one connection for each probe. Its requests are of HTTP/1.0, so that a response
// ends with its connection and is never chunked.
type Dialer struct{}

// Probe implements Prober.
func (Dialer) Probe(ctx context.Context, t Target) (Response, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, t.Network, t.Addr)
	if err != nil {
		return Response{}, fmt.Errorf("health: %w", err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if _, err = fmt.Fprintf(conn, "GET %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n", t.URI, t.Host); err != nil {
		return Response{}, fmt.Errorf("health: %w", err)
	}
	return readResponse(conn)
}

var errStatusLine = errors.New("health: not the status line of a response")

// maxHead bounds the head of a response.
const maxHead = 64 << 10

// readResponse reads a head and the beginning of its body.
func readResponse(from io.Reader) (Response, error) {
	r := textproto.NewReader(bufio.NewReader(io.LimitReader(from, maxHead+maxBody)))
	line, err := r.ReadLine()
	if err != nil {
		return Response{}, fmt.Errorf("health: %w", err)
	}
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || !strings.HasPrefix(version, "HTTP/1.") {
		return Response{}, errStatusLine
	}
	header, err := r.ReadMIMEHeader()
	if err != nil {
		return Response{}, fmt.Errorf("health: %w", err)
	}
	limit := int64(maxBody)
	if n, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64); err == nil && n >= 0 && n < limit {
		limit = n
	}
	body, err := io.ReadAll(io.LimitReader(r.R, limit))
	if err != nil {
		return Response{}, fmt.Errorf("health: %w", err)
	}
	return Response{Status: status, Header: header, Body: body}, nil
}
