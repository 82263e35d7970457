package rival

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os/exec"
)

// Backends are the application servers behind those that are measured. They share the processor of the load.
type Backends struct {
	HTTP, UWSGI netip.AddrPort

	running []*Instance
}

// StartBackends starts them for the files of root: an nginx that answers over kept connections, and a server of the uwsgi protocol.
// works are two empty directories.
func StartBackends(ctx context.Context, self []string, root string, works [2]string, cpu int) (*Backends, error) {
	b := new(Backends)
	web, err := Start(ctx, nginx{}, Site{Root: root, Work: works[0], Connections: 1024}, cpu)
	if err != nil {
		return nil, fmt.Errorf("rival: backend: %w", err)
	}
	b.HTTP, b.running = web.Addr, append(b.running, web)
	app, err := Start(ctx, uwsgiBackend{self}, Site{Root: root, Work: works[1]}, cpu)
	if err != nil {
		b.Stop()
		return nil, fmt.Errorf("rival: backend: %w", err)
	}
	b.UWSGI, b.running = app.Addr, append(b.running, app)
	return b, nil
}

// Stop ends them.
func (b *Backends) Stop() {
	for _, in := range b.running {
		in.Stop()
	}
}

const uwsgiName = "uwsgi"

// uwsgiBackend is a server of the uwsgi protocol that answers every request with the fixed text. It also answers HTTP, by which Start
// sees that it is ready.
type uwsgiBackend struct{ self []string }

func (uwsgiBackend) Name() string                            { return uwsgiName }
func (uwsgiBackend) Features() Feature                       { return 0 }
func (uwsgiBackend) Version(context.Context) (string, error) { return uwsgiName, nil }

func (u uwsgiBackend) Command(site Site) (*exec.Cmd, error) {
	return builtin{uwsgiName, u.self}.Command(site)
}

// runUWSGI serves until ctx ends.
func runUWSGI(ctx context.Context, addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("rival: %w", err)
	}
	context.AfterFunc(ctx, func() { _ = l.Close() })
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			continue
		}
		go answerUWSGI(c)
	}
}

const uwsgiAnswer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\n" + FixedAnswer

// answerUWSGI reads one packet (or the head of a request of HTTP, which begins with a letter) and answers it.
func answerUWSGI(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	head, err := r.Peek(4)
	if err != nil {
		return
	}
	if head[0] != 0 {
		for {
			line, err := r.ReadString('\n')
			if err != nil || line == "\r\n" {
				break
			}
		}
	} else if _, err := io.CopyN(io.Discard, r, 4+int64(binary.LittleEndian.Uint16(head[1:3]))); err != nil {
		return
	}
	_, _ = io.WriteString(c, uwsgiAnswer)
}
