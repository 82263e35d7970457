package script

// Hot: variables of the connection and of the location; no map, no defer, and no allocation but where it is said.

import (
	"net/netip"
	"path/filepath"
	"strconv"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
)

func appendScheme(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if c.Secure() {
		return append(dst, "https"...), true
	}
	return append(dst, "http"...), true
}

func appendHTTPS(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if c.Secure() {
		dst = append(dst, "on"...)
	}
	return dst, true
}

func appendServerName(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return append(dst, EnvOf(c).ServerName()...), true
}

func appendRemoteAddr(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return appendAddr(dst, c.Client().Addr()), true
}

func appendServerAddr(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return appendAddr(dst, c.Local().Addr()), true
}

// appendAddr appends an address; that of a Unix socket is "unix:".
func appendAddr(dst []byte, a netip.Addr) []byte {
	switch {
	case a.Is4():
		return appendOctets(dst, a.As4())
	case !a.IsValid():
		return append(dst, "unix:"...)
	}
	return a.WithZone("").AppendTo(dst)
}

// appendOctets appends an IPv4 address. It is in most lines of a log and in most requests that are passed on, and a loop is a fourth of
// netip's code for it.
func appendOctets(dst []byte, octets [4]byte) []byte {
	var text [len("255.255.255.255.")]byte
	n := 0
	for _, o := range octets {
		if o >= 100 {
			text[n] = '0' + o/100
			n++
		}
		if o >= 10 {
			text[n] = '0' + o/10%10
			n++
		}
		text[n], text[n+1] = '0'+o%10, '.'
		n += 2
	}
	return append(dst, text[:n-1]...)
}

// appendBinaryRemoteAddr appends the 4 or 16 bytes of the client's address.
func appendBinaryRemoteAddr(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	switch a := c.Client().Addr(); {
	case a.Is4():
		b := a.As4()
		return append(dst, b[:]...), true
	case a.IsValid():
		b := a.As16()
		return append(dst, b[:]...), true
	}
	return append(dst, "unix:"...), true
}

func appendRemotePort(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return appendPort(dst, c.Client().Port()), true
}

func appendServerPort(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return appendPort(dst, c.Local().Port()), true
}

// appendPort appends a port; there is none where it is 0.
func appendPort(dst []byte, port uint16) []byte {
	if port == 0 {
		return dst
	}
	return strconv.AppendUint(dst, uint64(port), 10)
}

func appendProxyAddr(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	p, ok := EnvOf(c).ProxyProtocol()
	return appendProxied(dst, p.Source, ok)
}

func appendProxyServerAddr(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	p, ok := EnvOf(c).ProxyProtocol()
	return appendProxied(dst, p.Destination, ok)
}

func appendProxied(dst []byte, a netip.AddrPort, ok bool) ([]byte, bool) {
	if a.IsValid() {
		dst = a.Addr().WithZone("").AppendTo(dst)
	}
	return dst, ok
}

func appendProxyPort(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	p, ok := EnvOf(c).ProxyProtocol()
	return appendPort(dst, p.Source.Port()), ok
}

func appendProxyServerPort(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	p, ok := EnvOf(c).ProxyProtocol()
	return appendPort(dst, p.Destination.Port()), ok
}

// proxyProtocolTLV makes $proxy_protocol_tlv_name.
func proxyProtocolTLV(rest string) Getter {
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) { return EnvOf(c).AppendTLV(dst, rest) }
}

func appendConnection(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return strconv.AppendUint(dst, EnvOf(c).Connection().Number, 10), true
}

func appendConnectionRequests(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return strconv.AppendUint(dst, EnvOf(c).Connection().Requests, 10), true
}

func appendPipe(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if EnvOf(c).Connection().Pipelined {
		return append(dst, 'p'), true
	}
	return append(dst, '.'), true
}

func appendRTT(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	info, ok := EnvOf(c).TCPInfo()
	return appendCounter(dst, info.RTT, ok)
}

func appendRTTVar(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	info, ok := EnvOf(c).TCPInfo()
	return appendCounter(dst, info.RTTVar, ok)
}

func appendSndCwnd(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	info, ok := EnvOf(c).TCPInfo()
	return appendCounter(dst, info.SndCwnd, ok)
}

func appendRcvSpace(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	info, ok := EnvOf(c).TCPInfo()
	return appendCounter(dst, info.RcvSpace, ok)
}

func appendCounter(dst []byte, n uint32, ok bool) ([]byte, bool) {
	if !ok {
		return dst, false
	}
	return strconv.AppendUint(dst, uint64(n), 10), true
}

func appendDocumentRoot(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return EnvOf(c).AppendRoot(c, dst), true
}

// appendRealpathRoot asks the file system, and allocates.
func appendRealpathRoot(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	env := EnvOf(c)
	root := string(env.AppendRoot(c, nil))
	path, err := filepath.EvalSymlinks(root)
	if err != nil {
		env.Log("crit", `realpath() "`+root+`" failed (`+err.Error()+`)`)
		return dst, false
	}
	return append(dst, path...), true
}

func appendFilename(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return EnvOf(c).AppendFilename(c, dst), true
}

func appendLimitRate(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return strconv.AppendInt(dst, EnvOf(c).LimitRate(), 10), true
}

// setLimitRate takes a size, as the directive limit_rate does.
func setLimitRate(c *pipeline.Ctx, value []byte) {
	env := EnvOf(c)
	n, ok := conf.ParseSize(viewString(value))
	if !ok {
		env.Log("error", `invalid $limit_rate "`+string(value)+`"`)
		return
	}
	env.SetLimitRate(n)
}
