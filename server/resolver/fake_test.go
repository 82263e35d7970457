package resolver

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// An asked is what a fake name server was asked.
type asked struct {
	id   uint16
	name string // without the last dot
	kind dnsmessage.Type
	tcp  bool
	from net.Addr
}

// A fake is a name server on loopback, over UDP and TCP. answer returns the messages that it sends.
type fake struct {
	addr   netip.AddrPort
	answer func(q asked) [][]byte
	mu     sync.Mutex
	asked  []asked
}

func newFake(t testing.TB, answer func(q asked) [][]byte) *fake {
	t.Helper()
	for range 10 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0") // first: many more of its ports are taken
		if err != nil {
			t.Fatal(err)
		}
		udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(tcp.Addr().(*net.TCPAddr).AddrPort()))
		if err != nil {
			_ = tcp.Close() // another has the port
			continue
		}
		f := &fake{addr: udp.LocalAddr().(*net.UDPAddr).AddrPort(), answer: answer}
		t.Cleanup(func() { _ = udp.Close(); _ = tcp.Close() })
		go f.serveUDP(udp)
		go f.serveTCP(tcp)
		return f
	}
	t.Fatal("no port that is free for UDP and TCP")
	return nil
}

func (f *fake) serveUDP(conn *net.UDPConn) {
	b := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFrom(b)
		if err != nil {
			return
		}
		for _, m := range f.handle(b[:n], false, from) {
			_, _ = conn.WriteTo(m, from)
		}
	}
}

func (f *fake) serveTCP(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			for {
				var size [2]byte
				if _, err := io.ReadFull(conn, size[:]); err != nil {
					return
				}
				b := make([]byte, binary.BigEndian.Uint16(size[:]))
				_, _ = io.ReadFull(conn, b)
				for _, m := range f.handle(b, true, conn.RemoteAddr()) {
					_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...))
				}
			}
		}()
	}
}

func (f *fake) handle(b []byte, tcp bool, from net.Addr) [][]byte {
	var m dnsmessage.Message
	if m.Unpack(b) != nil || len(m.Questions) != 1 || !m.RecursionDesired {
		return nil
	}
	q := asked{m.ID, nameOf(m.Questions[0].Name), m.Questions[0].Type, tcp, from}
	f.mu.Lock()
	f.asked = append(f.asked, q)
	f.mu.Unlock()
	return f.answer(q)
}

func (f *fake) queries() []asked {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]asked(nil), f.asked...)
}

// msg is an answer to q.
func msg(q asked, code dnsmessage.RCode, answers ...dnsmessage.Resource) [][]byte {
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: q.id, Response: true, RecursionAvailable: true, RCode: code},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(q.name + "."), Type: q.kind, Class: dnsmessage.ClassINET}},
		Answers:   answers,
	}
	b, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return [][]byte{b}
}

func rr(name string, ttl uint32, body dnsmessage.ResourceBody) dnsmessage.Resource {
	return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name + "."), Class: dnsmessage.ClassINET, TTL: ttl}, Body: body}
}

// addrs are the records of a query for addresses among those given.
func addrs(q asked, ttl uint32, all ...string) (out []dnsmessage.Resource) {
	for _, s := range all {
		a := netip.MustParseAddr(s)
		switch {
		case a.Is4() && q.kind == dnsmessage.TypeA:
			out = append(out, rr(q.name, ttl, &dnsmessage.AResource{A: a.As4()}))
		case a.Is6() && q.kind == dnsmessage.TypeAAAA:
			out = append(out, rr(q.name, ttl, &dnsmessage.AAAAResource{AAAA: a.As16()}))
		}
	}
	return out
}

func cname(from, to string, ttl uint32) dnsmessage.Resource {
	return rr(from, ttl, &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(to + ".")})
}

func newResolver(t testing.TB, cfg Config) *Resolver {
	t.Helper()
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// wait returns what a lookup calls its callback with.
func wait(t testing.TB, lookup func(done func(Result))) Result {
	t.Helper()
	c := make(chan Result, 2)
	lookup(func(res Result) { c <- res })
	select {
	case res := <-c:
		return res
	case <-time.After(time.Minute):
		t.Fatal("no callback")
	}
	return Result{}
}

func look(t testing.TB, r *Resolver, name string) Result {
	t.Helper()
	return wait(t, func(done func(Result)) { r.Lookup(name, time.Minute, done) })
}
