package front

import (
	"strconv"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/brotli"
	"github.com/wheelpit/wheelpit/server/gzip"
	"github.com/wheelpit/wheelpit/server/limit"
	"github.com/wheelpit/wheelpit/server/script"
	"github.com/wheelpit/wheelpit/server/zstd"
)

// peerAddr appends $realip_remote_addr: the other end of the connection, whoever the client is.
func peerAddr(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if addr := c.Remote().Addr(); addr.IsValid() {
		return addr.Unmap().AppendTo(dst), true
	}
	return append(dst, "unix:"...), true
}

// peerPort appends $realip_remote_port.
func peerPort(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if port := c.Remote().Port(); port > 0 {
		dst = strconv.AppendUint(dst, uint64(port), 10)
	}
	return dst, true
}

// variables makes the variables of features, and those of map, geo and split_clients.
func (b *builder) variables(s *scope) {
	ratio := func(get func(*pipeline.Ctx, []byte) []byte) script.Getter {
		return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
			at := len(dst)
			dst = get(c, dst)
			return dst, len(dst) > at
		}
	}
	for name, get := range map[string]script.Getter{
		"gzip_ratio": ratio(gzip.AppendRatio), "brotli_ratio": ratio(brotli.AppendRatio), "zstd_ratio": ratio(zstd.AppendRatio),
		"realip_remote_addr": peerAddr, "realip_remote_port": peerPort,
		"connections_active": connectionVariable("connections_active"), "connections_reading": connectionVariable("connections_reading"),
		"connections_writing": connectionVariable("connections_writing"), "connections_waiting": connectionVariable("connections_waiting"),
		"limit_req_status": limit.AppendReqStatus, "limit_conn_status": limit.AppendConnStatus,
	} {
		if err := b.table.Add(name, get, 0); err != nil {
			b.errs = append(b.errs, err)
		}
	}
	for name, get := range guardVariables() {
		if err := b.table.Add(name, get, 0); err != nil {
			b.errs = append(b.errs, err)
		}
	}
	if err := b.table.AddBlocks(s.block); err != nil {
		b.errs = append(b.errs, err)
	}
}
