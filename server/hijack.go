package server

import (
	"fmt"
	"net"
	"os"

	"github.com/wheelpit/wheelpit/pipeline"
)

var (
	_ pipeline.Hijacker       = (*exchange)(nil)
	_ pipeline.FullDuplexer   = (*exchange)(nil)
	_ pipeline.DeadlineSetter = (*exchange)(nil)
)

// Hijack hands the connection to the application; see pipeline.Ctx.Hijack. Nothing of the server's limits applies to it any
// more, and Shutdown does not wait for it.
func (x *exchange) Hijack(*pipeline.Ctx) (net.Conn, []byte, error) {
	if !x.onWorker {
		return nil, nil, pipeline.ErrNeedsWorker
	}
	if x.gone != nil {
		return nil, nil, errElsewhere
	}
	x.joinReader()
	fd, unread, err := x.conn.Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("server: %w", err)
	}
	x.hijacked, x.keepAlive = true, false
	f := os.NewFile(uintptr(fd), "hijacked connection")
	defer func() { _ = f.Close() }() // FileConn makes a descriptor of its own
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, nil, fmt.Errorf("server: hijack: %w", err)
	}
	return conn, unread, nil
}

// EnableFullDuplex lets one goroutine read the body while another writes the response; see pipeline.Ctx.EnableFullDuplex.
func (x *exchange) EnableFullDuplex(*pipeline.Ctx) error {
	x.duplex = true
	return nil
}
