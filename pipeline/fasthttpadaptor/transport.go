package fasthttpadaptor

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// transport is a request of fasthttp as what carries a request of Wheelpit. It is reused.
type transport struct {
	c    *pipeline.Ctx
	ctx  *fasthttp.RequestCtx
	head []byte
	path []byte // normalised
	out  *bufio.Writer
	sent int64 // body bytes of a stream
}

var _ pipeline.Transport = (*transport)(nil)

func (t *transport) release() {
	t.c.Reset()
	*t = transport{c: t.c, head: t.head[:0], path: t.path[:0]}
	transports.Put(t)
}

// send makes the response fasthttp's. A body in memory is copied; files and streams are read while fasthttp sends them.
func (t *transport) send() {
	res, out := t.c.Res(), &t.ctx.Response
	t.setFields()
	bodied := t.c.Head.Method != http1.MethodHead && http1.BodyAllowed(res.Status)
	switch {
	case !bodied:
		out.SkipBody = true
		out.Header.SetContentLength(int(res.StreamLength()))
	case res.Stream() != nil:
		t.stream(int(res.StreamLength()))
		return
	case hasFile(res):
		taken, _ := t.c.TakeResponse() // rendered before
		out.SetBodyStream(newPartsReader(taken), int(taken.Length()))
	default:
		for i := range res.Parts() {
			out.AppendBody(res.Parts()[i].Bytes)
		}
	}
	t.release()
}

// setFields sets status and fields. No Content-Type means none.
func (t *transport) setFields() {
	res, out := t.c.Res(), &t.ctx.Response
	out.SetStatusCode(res.Status)
	if res.ContentType != "" {
		out.Header.SetContentType(res.ContentType)
	} else {
		out.Header.SetNoDefaultContentType(true)
	}
	for _, f := range res.Fields() {
		out.Header.Add(f.Name, f.Value)
	}
	if res.CloseAfter() {
		out.SetConnectionClose()
	}
}

// stream runs the stream function on a goroutine of its own, which ends when fasthttp has read, or closed, what it writes.
func (t *transport) stream(length int) {
	pr, pw := io.Pipe()
	t.out = bufio.NewWriterSize(pw, streamBuffer)
	done := make(chan struct{})
	t.ctx.Response.SetBodyStream(&pipeBody{pr, done}, length)
	go func() {
		defer close(done)
		err := t.c.SendStream()
		if err == nil {
			err = t.out.Flush()
		}
		if err == nil && length >= 0 && t.sent != int64(length) {
			err = io.ErrUnexpectedEOF
		}
		t.release()
		_ = pw.CloseWithError(err) // nil is the end; an error has fasthttp cut the connection
	}()
}

// streamBuffer is how much of a stream is gathered before it is sent, in bytes.
const streamBuffer = 4 << 10

// pipeBody is the reading end of a stream. Closing it waits for the stream function, which uses the request.
type pipeBody struct {
	*io.PipeReader
	done chan struct{}
}

// Close has the function's writes fail and waits for its end.
func (b *pipeBody) Close() error {
	err := b.PipeReader.Close()
	<-b.done
	return err
}

// ReadBody reads the body of a server with StreamRequestBody.
func (t *transport) ReadBody(_ *pipeline.Ctx, p []byte) (int, error) {
	n, err := t.ctx.RequestBodyStream().Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = &pipeline.Error{Status: 400, Message: "request body cut off", Err: pipeline.ErrClientGone}
	}
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// WriteBody writes a piece of a streamed body.
func (t *transport) WriteBody(c *pipeline.Ctx, p []byte) error {
	t.sent += int64(len(p))
	if n := c.Res().StreamLength(); n >= 0 && t.sent > n {
		return io.ErrShortWrite
	}
	if _, err := t.out.Write(p); err != nil {
		return pipeline.ErrClientGone
	}
	return nil
}

// FlushBody hands what was gathered to fasthttp, which sends it when the length of the body is not known.
func (t *transport) FlushBody(*pipeline.Ctx) error {
	if t.out.Flush() != nil {
		return pipeline.ErrClientGone
	}
	return nil
}

// Interim sends 103 with its Link fields; fasthttp knows no other informational response.
func (t *transport) Interim(c *pipeline.Ctx, status int) error {
	if status != fasthttp.StatusEarlyHints {
		return nil
	}
	for _, f := range c.Res().Fields() {
		if strings.EqualFold(f.Name, "Link") {
			t.ctx.Response.Header.Add(f.Name, f.Value)
		}
	}
	err := t.ctx.EarlyHints()
	t.ctx.Response.Header.Del("Link")
	return err
}

// OnGone does nothing: fasthttp does not look at a connection while a handler runs.
func (t *transport) OnGone(*pipeline.Ctx, func()) {}

// Remote returns the client's address, as far as it is one of IP.
func (t *transport) Remote() netip.AddrPort { return addrPort(t.ctx.RemoteAddr()) }

// Local returns the address the client connected to.
func (t *transport) Local() netip.AddrPort { return addrPort(t.ctx.LocalAddr()) }

func addrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort()
	}
	return netip.AddrPort{}
}

// Secure tells whether the request came by TLS.
func (t *transport) Secure() bool { return t.ctx.IsTLS() }

// Shard is 0: there are no reactors.
func (t *transport) Shard() int { return 0 }

// started is where Ticks counts from.
var started = time.Now()

// Ticks is the time since the start of the program in ticks of 100 ms, as the loop counts them.
func (t *transport) Ticks() uint32 { return uint32(time.Since(started) / (100 * time.Millisecond)) }

// Date returns the current second.
func (t *transport) Date() (int64, *[29]byte) {
	now, imf := time.Now().Unix(), new([29]byte)
	http1.AppendDate(imf[:0], now)
	return now, imf
}

// Plain is false: fasthttp writes the head.
func (t *transport) Plain() bool { return false }

// AppendHead is for what is Plain, which nothing is.
func (t *transport) AppendHead(b []byte, _ *pipeline.Ctx) []byte { return b }
