package server

// Hot: writes every response.

import (
	"strings"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// sendResponse queues the response of the Ctx: a ready-made one as it is, any other as head and parts.
func (x *exchange) sendResponse() {
	res := x.ctx.Res()
	if res.CloseAfter() || !x.policy.keeps(x) {
		x.keepAlive = false
	}
	if block, headLen := res.Ready(); block != nil && x.sendReady(block, headLen) {
		return
	}
	body := http1.BodyAllowed(res.Status) && x.ctx.Head.Method != http1.MethodHead
	length := res.Length()
	room := headRoom(res)
	if body && length <= copyBody {
		room += int(length)
	}
	b := x.appendHead(x.conn.Reserve(room), length)
	if body && length <= copyBody && !hasFile(res) {
		for i := range res.Parts() {
			b = append(b, res.Parts()[i].Bytes...)
		}
		x.conn.Commit(b)
		x.sent = length
		return
	}
	x.conn.Commit(b)
	if body {
		x.queueParts(res)
	}
}

// sendReady queues a ready-made response if it says what this connection needs: HTTP/1.1 with keep-alive.
func (x *exchange) sendReady(block []byte, headLen int) bool {
	if !x.keepAlive || x.ctx.Head.Minor == 0 {
		return false
	}
	if x.ctx.Head.Method == http1.MethodHead {
		block = block[:headLen]
	}
	x.sent, x.sentHead = int64(len(block)-headLen), int64(headLen)
	if len(block) <= copyBody && x.conn.Queued() > 0 {
		x.conn.Write(block)
	} else {
		x.conn.WriteBorrowed(block)
	}
	if res := x.ctx.Res(); len(res.Parts()) > 0 && x.ctx.Head.Method != http1.MethodHead {
		x.queueParts(res)
	}
	return true
}

// Plain tells whether a ready-made response may answer this request; see pipeline.Transport. One that has fields already is this
// client's alone (the Set-Cookie of an upstream that said X-Accel-Redirect): it can neither be made ready nor be replaced.
func (x *exchange) Plain() bool {
	res := x.ctx.Res()
	return x.policy.plain && !x.ctx.Hooked() && len(res.Fields()) == 0 && !res.CloseAfter() && x.KeepAlive() && x.ctx.Head.Minor == 1 && !x.onWorker
}

// Shard returns the number of the reactor.
func (x *exchange) Shard() int { return x.r.index }

// Ticks returns the coarse time of the reactor.
func (x *exchange) Ticks() uint32 { return x.r.loop.Ticks() }

// Date returns the current second.
func (x *exchange) Date() (int64, *[29]byte) {
	d := x.date()
	return d.Unix, &d.HTTP
}

// AppendHead appends the head of the response, which is not sent by that.
func (x *exchange) AppendHead(b []byte, c *pipeline.Ctx) []byte {
	b = x.appendHead(b, c.Res().Length())
	x.headSent, x.sentHead = false, 0
	return b
}

// headRoom estimates, never too low by more than an append mends, the bytes of the head.
func headRoom(res *pipeline.Response) int {
	n := 320 + len(res.ContentType)
	for i := range res.Fields() {
		f := &res.Fields()[i]
		n += len(f.Name) + len(f.Value) + 4
	}
	return n
}

func hasFile(res *pipeline.Response) bool {
	for i := range res.Parts() {
		if res.Parts()[i].File != nil {
			return true
		}
	}
	return false
}

// appendHead appends status line and fields, in NGINX's order. length is of the body, -1 when it is not known.
func (x *exchange) appendHead(b []byte, length int64) []byte {
	res := x.ctx.Res()
	at := len(b)
	if res.Reason != "" {
		b = append(http1.AppendUint(append(b, "HTTP/1.1 "...), uint64(res.Status)), ' ')
		b = append(append(b, res.Reason...), "\r\n"...)
	} else {
		b = x.rt.appendStatusLine(b, res.Status)
	}
	b = x.appendServerAndDate(b, res)
	if res.ContentType != "" {
		b = http1.AppendField(b, "Content-Type", res.ContentType)
	}
	switch {
	case !http1.BodyAllowed(res.Status): // RFC 9110 section 8.6: no length on 1xx and 204; NGINX sends none on 304
	case length >= 0:
		b = http1.AppendLength(b, uint64(length))
	case x.chunked && x.ctx.Head.Method != http1.MethodHead: // NGINX tells HEAD no coding of a body that is not there
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	}
	if x.keepAlive {
		b = http1.AppendString(b, x.policy.keepLine)
	} else {
		b = http1.AppendString(b, "Connection: close\r\n")
	}
	for i := range res.Fields() {
		f := &res.Fields()[i]
		if n := len(f.Name); (n == len("Content-Length") || n == len("Transfer-Encoding")) && framing(f.Name) {
			continue
		}
		b = http1.AppendField(b, f.Name, f.Value)
	}
	x.headSent = true
	b = http1.AppendString(b, "\r\n")
	x.sentHead = int64(len(b) - at)
	return b
}

// appendServerAndDate appends the two, the server's own unless the response has others.
func (x *exchange) appendServerAndDate(b []byte, res *pipeline.Response) []byte {
	date, server := res.Gives()
	date, server = date || res.NoDate, server || res.NoServer
	if res.Server == "" && res.Date == "" && !server && !date {
		return x.appendDate(http1.AppendString(b, x.policy.serverLine))
	}
	if res.Server != "" {
		b = http1.AppendField(b, "Server", res.Server)
	} else if !server {
		b = http1.AppendString(b, x.policy.serverLine[:len(x.policy.serverLine)-len("Date: ")])
	}
	if res.Date != "" {
		b = http1.AppendField(b, "Date", res.Date)
	} else if !date {
		b = x.appendDate(http1.AppendString(b, "Date: "))
	}
	return b
}

// appendDate appends the time and the end of the line.
func (x *exchange) appendDate(b []byte) []byte {
	date := x.date()
	return http1.AppendString(append(b, date.HTTP[:]...), "\r\n")
}

// framing tells whether a field says where the body ends: that is for this package alone to say, and only once.
func framing(name string) bool {
	return strings.EqualFold(name, "Content-Length") || strings.EqualFold(name, "Transfer-Encoding")
}

// date returns the current second.
func (x *exchange) date() *loop.Date { return x.r.loop.Clock().Now() }

// queueParts queues a body that is not small. What may change when the handler has returned is copied, unless it is sent at
// once, by the worker that runs this.
func (x *exchange) queueParts(res *pipeline.Response) {
	for i := range res.Parts() {
		p := &res.Parts()[i]
		switch {
		case p.File != nil:
			x.conn.WriteFile(p.File, p.Off, p.N)
			x.sent += p.N
			continue
		case p.Static:
			x.conn.WriteStatic(p.Bytes)
		case x.onWorker:
			x.conn.WriteBorrowed(p.Bytes)
		default:
			x.conn.Write(p.Bytes)
		}
		x.sent += int64(len(p.Bytes))
	}
}
