package nethttp

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// Hijack takes the connection over; see http.Hijacker and pipeline.Ctx.Hijack. What was written is sent first, and so is
// the head of a 101 that WriteHeader was called with, which the Response hooks do not see.
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.hijacked:
		return nil, nil, http.ErrHijacked
	case x.done:
		return nil, nil, errOver
	}
	switching := x.wroteHeader && x.status == http.StatusSwitchingProtocols
	if x.wroteHeader && !switching {
		if err := x.flush(); err != nil {
			return nil, nil, err
		}
	}
	x.turn.Lock()
	conn, unread, err := x.c.Hijack()
	x.turn.Unlock()
	if err != nil {
		return nil, nil, err
	}
	x.hijacked = true
	if switching {
		if _, err := conn.Write(x.switchingHead()); err != nil {
			_ = conn.Close()
			return nil, nil, err
		}
	}
	return conn, buffered(conn, unread), nil
}

// switchingHead is the head of a 101.
func (x *exchange) switchingHead() []byte {
	_, date := x.c.Transport().Date()
	b := http1.AppendStatusLine(nil, x.status)
	b = http1.AppendField(b, "Date", string(date[:]))
	x.sent.Del("Date")
	w := bytes.NewBuffer(b)
	_ = x.sent.Write(w)
	w.WriteString("\r\n")
	return w.Bytes()
}

// buffered makes the ReadWriter of a hijacked connection: unread is in the Reader's buffer, where those look for it who
// read from conn itself.
func buffered(conn net.Conn, unread []byte) *bufio.ReadWriter {
	var src io.Reader = conn
	if len(unread) > 0 {
		src = io.MultiReader(bytes.NewReader(unread), conn)
	}
	r := bufio.NewReaderSize(src, max(4096, len(unread)))
	_, _ = r.Peek(len(unread))
	return bufio.NewReadWriter(r, bufio.NewWriter(conn))
}

// EnableFullDuplex lets the handler read on when its response has begun; see http.ResponseController.
func (x *exchange) EnableFullDuplex() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.duplex = true
	return nil
}

// SetReadDeadline bounds the reading of the body; see pipeline.Ctx.SetReadDeadline.
func (x *exchange) SetReadDeadline(t time.Time) error {
	x.deadlines.Lock()
	defer x.deadlines.Unlock()
	if x.over {
		return errOver
	}
	return x.c.SetReadDeadline(t)
}

// SetWriteDeadline bounds the writing of the response; see pipeline.Ctx.SetWriteDeadline.
func (x *exchange) SetWriteDeadline(t time.Time) error {
	x.deadlines.Lock()
	defer x.deadlines.Unlock()
	if x.over {
		return errOver
	}
	return x.c.SetWriteDeadline(t)
}
