package script

// Hot: split_clients runs once for a request that reads its variable; no allocation, no map, no defer.

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
)

// split is a split_clients block.
type split struct {
	source *Script
	parts  []splitPart
}

// splitPart takes the hashes below limit that no part before it takes; 0 takes all.
type splitPart struct {
	limit uint32
	value string
}

// AddSplitClients makes the variable of a split_clients block, which package conf has checked.
func (t *Table) AddSplitClients(d *conf.Directive) error {
	source, ok := d.Value.(conf.Script)
	if !ok || len(d.Args) != 2 {
		return fmt.Errorf("script: split_clients in %s:%d was not checked", d.File(), d.Line())
	}
	s := &split{source: New(source, t)}
	sum, last := uint32(0), uint32(0)
	for e := range d.Children() {
		p := splitPart{value: e.Args[0]}
		percent := uint32(10_000)
		if e.Name != "*" {
			percent = hundredths(e.Name)
			sum += percent
		}
		if e.Name != "*" && sum < 10_000 {
			last += uint32(uint64(percent) * 0xffffffff / 10_000)
			p.limit = last
		}
		s.parts = append(s.parts, p)
	}
	return t.Add(strings.TrimPrefix(d.Args[1], "$"), s.append, Changeable|Cached)
}

// hundredths reads a checked "0.5%" in hundredths of a percent.
func hundredths(s string) uint32 {
	whole, part, _ := strings.Cut(strings.TrimSuffix(s, "%"), ".")
	n, _ := strconv.ParseUint(whole+(part + "00")[:2], 10, 32)
	return uint32(n)
}

// append is the getter of the variable.
func (s *split) append(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	at := len(dst)
	dst = s.source.Append(c, dst)
	hash := murmur2(dst[at:])
	dst = dst[:at]
	for i := range s.parts {
		if p := &s.parts[i]; hash < p.limit || p.limit == 0 {
			return append(dst, p.value...), true
		}
	}
	return dst, true
}

// murmur2 is MurmurHash2 with the seed 0, as NGINX has it.
func murmur2(b []byte) uint32 {
	const m = 0x5bd1e995
	h := uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := binary.LittleEndian.Uint32(b) * m
		k ^= k >> 24
		h = h*m ^ k*m
	}
	for i := len(b) - 1; i >= 0; i-- {
		h ^= uint32(b[i]) << (8 * i)
	}
	if len(b) > 0 {
		h *= m
	}
	h ^= h >> 13
	h *= m
	return h ^ h>>15
}
