package front

import (
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/script"
)

// gatewayVariables makes the variables of upstreams and of proxy_pass.
func (b *builder) gatewayVariables() {
	for name, get := range map[string]script.Getter{
		"upstream_addr": proxy.AppendAddr, "upstream_status": proxy.AppendStatus, "upstream_connect_time": proxy.AppendConnectTime,
		"upstream_header_time": proxy.AppendHeaderTime, "upstream_response_time": proxy.AppendResponseTime,
		"upstream_response_length": proxy.AppendLength, "upstream_bytes_received": proxy.AppendReceived, "upstream_bytes_sent": proxy.AppendSent,
		"fastcgi_script_name": appendScriptName, "fastcgi_path_info": appendPathInfo,
		"upstream_cache_status": proxy.AppendCacheStatus, "upstream_cache_last_modified": proxy.AppendCacheModified, "upstream_cache_etag": proxy.AppendCacheETag,
		"proxy_host": proxyHost, "proxy_port": proxyPort, "proxy_internal_body_length": internalLength, "proxy_internal_chunked": bodyChunked,
	} {
		if err := b.table.Add(name, get, 0); err != nil {
			b.errs = append(b.errs, err)
		}
	}
	b.table.AddPrefix("upstream_http_", func(rest string) script.Getter { return proxy.HeaderVariable(rest) })
	b.table.AddPrefix("upstream_trailer_", func(rest string) script.Getter { return proxy.TrailerVariable(rest) })
	b.table.AddPrefix("upstream_cookie_", func(rest string) script.Getter { return proxy.CookieVariable(rest) })
}

// proxyHost appends name and port of proxy_pass: $proxy_host.
func proxyHost(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	r := requestOf(c)
	if r.loc == nil || r.loc.gate == nil {
		return dst, false
	}
	if r.loc.gate.host == "" { // it came with the request
		return append(dst, r.pass.host...), true
	}
	return append(dst, r.loc.gate.host...), true
}

// proxyPort appends the port of proxy_pass: $proxy_port.
func proxyPort(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	host, ok := proxyHost(c, nil)
	if !ok {
		return dst, false
	}
	if i := strings.LastIndexByte(string(host), ':'); i > strings.LastIndexByte(string(host), ']') {
		return append(dst, host[i+1:]...), true
	}
	return append(dst, "80"...), true
}

// internalLength appends the length of the body that is passed on: $proxy_internal_body_length.
func internalLength(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if n := c.Head.Length; n > 0 {
		return strconv.AppendInt(dst, n, 10), true
	}
	return dst, false
}

// bodyChunked appends "chunked" when the length is not known: $proxy_internal_chunked.
func bodyChunked(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if c.Head.Length < 0 {
		return append(dst, "chunked"...), true
	}
	return dst, false
}

// mentions tells whether a directive within a block has a variable in an argument.
func mentions(block *conf.Directive, variable string) bool {
	for d := range block.Children() {
		for _, a := range d.Args {
			if strings.Contains(a, "$"+variable) || strings.Contains(a, "${"+variable) {
				return true
			}
		}
		if mentions(d, variable) {
			return true
		}
	}
	return false
}
