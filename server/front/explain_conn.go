package front

import (
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
)

// dryConn is the Carrier of a request that is explained: it has ends, and what is sent to it is dropped.
type dryConn struct {
	lone
	at       *address
	from, to netip.AddrPort
	slot     server.Resetter
}

var _ server.Carrier = (*dryConn)(nil)

// local is the server's end of a connection to an address.
func (w *walk) local(a *address) netip.AddrPort {
	if a.listen.Network != "tcp" {
		return netip.AddrPort{}
	}
	ip, err := netip.ParseAddr(strings.Trim(a.host, "[]"))
	if err != nil || ip.IsUnspecified() {
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.AddrPortFrom(ip, uint16(a.port))
}

// The methods of dryConn; see server.Carrier and pipeline.Transport.

func (d *dryConn) Place() any             { return d.at }
func (d *dryConn) Slot() *server.Resetter { return &d.slot }
func (d *dryConn) Local() netip.AddrPort  { return d.to }
func (d *dryConn) Remote() netip.AddrPort {
	if !d.from.Addr().IsValid() {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 50000)
	}
	return d.from
}
func (*dryConn) Secure() bool                                { return false }
func (*dryConn) ReadBody(*pipeline.Ctx, []byte) (int, error) { return 0, io.EOF }
func (*dryConn) WriteBody(*pipeline.Ctx, []byte) error       { return nil }
func (*dryConn) FlushBody(*pipeline.Ctx) error               { return nil }
func (*dryConn) Interim(*pipeline.Ctx, int) error            { return nil }
func (*dryConn) Continue()                                   {}
func (*dryConn) OnGone(*pipeline.Ctx, func())                {}
func (*dryConn) Shard() int                                  { return 0 }
func (*dryConn) Ticks() uint32                               { return 0 }
func (*dryConn) Date() (int64, *[29]byte)                    { return time.Now().Unix(), new([29]byte) }
func (*dryConn) Plain() bool                                 { return false }
func (*dryConn) AppendHead(b []byte, _ *pipeline.Ctx) []byte { return b }
