package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/wheelpit/wheelpit/bench/procstat"
	"github.com/wheelpit/wheelpit/bench/report"
	"github.com/wheelpit/wheelpit/bench/stats"
)

// settleTime is how long a server may tidy up before its memory is read.
const settleTime = time.Second

// idle opens the connections, makes one request on each, and reads how much the server has grown.
func (r *runner) idle(ctx context.Context, p *player) (report.Row, error) {
	before, err := procstat.ReadMemory(p.instance.PIDs)
	if err != nil {
		return report.Row{}, err
	}
	connections, err := openIdle(ctx, p.instance.Addr.String(), p.requests[0].Wire, r.opts.Connections)
	defer func() {
		for _, c := range connections {
			_ = c.Close()
		}
	}()
	if err != nil {
		return report.Row{}, err
	}
	select {
	case <-time.After(settleTime):
	case <-ctx.Done():
		return report.Row{}, ctx.Err()
	}
	after, err := procstat.ReadMemory(p.instance.PIDs)
	if err != nil {
		return report.Row{}, err
	}
	growth := float64(after.RSS-before.RSS) / float64(len(connections))
	return report.Row{Server: p.name, HeadBytes: p.headBytes, RSS: after.RSS, Memory: stats.Summarize([]float64{growth})}, nil
}

// openIdle opens n keep-alive connections one after the other, each with one answered request behind it. The
// connections opened so far are returned with an error too.
func openIdle(ctx context.Context, addr string, wire []byte, n int) ([]net.Conn, error) {
	var dialer net.Dialer
	var open []net.Conn
	in := bufio.NewReader(nil)
	for len(open) < n {
		c, err := dialer.DialContext(ctx, "tcp", addr)
		if err != nil {
			return open, fmt.Errorf("connection %d: %w", len(open)+1, err)
		}
		open = append(open, c)
		in.Reset(c)
		if err := askOnce(c, in, wire); err != nil {
			return open, fmt.Errorf("connection %d: %w", len(open), err)
		}
	}
	return open, nil
}

// askOnce makes one request on a connection, which stays open.
func askOnce(c net.Conn, in *bufio.Reader, wire []byte) error {
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	if _, err := c.Write(wire); err != nil {
		return err
	}
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || response.Close) {
		err = fmt.Errorf("status %d, the connection closes: %v", response.StatusCode, response.Close)
	}
	return err
}
