package front

// Hot: a fixed answer is sent for every request to its location; no allocation, no map, no defer.

import (
	"bytes"
	"sync/atomic"

	"github.com/wheelpit/wheelpit/server/conf"
)

// fixed is the answer of a location whose program begins with a return of a text without variables. Each reactor keeps it
// as a ready-made response, as package static keeps small files.
type fixed struct {
	status int
	body   []byte
	blocks [maxShards]atomic.Pointer[block] // each used by one reactor
}

// maxShards bounds the reactors that keep a block (loop: 1024); those beyond make the response each time.
const maxShards = 64

// block is a response with keep-alive whose Date is brought up to date.
type block struct {
	bytes   []byte
	ctype   string
	headLen int
	dateAt  int
	dateOf  int64
}

// fixedOf returns the fixed answer of a block, nil when it has none.
func fixedOf(block *conf.Directive) *fixed {
	for d := range block.Children() {
		switch d.Name {
		case "set", "if", "rewrite", "break":
			return nil
		case "return":
			v, _ := d.Value.(conf.Return)
			text, plain := v.Text.Constant()
			if !plain || v.Status < 200 || v.Status > 299 || v.Status == 204 {
				return nil
			}
			return &fixed{status: v.Status, body: []byte(text)}
		}
	}
	return nil
}

// answer answers with f: with the ready-made response where that is what the connection wants.
func (f *fixed) answer(r *request) {
	c := r.c
	t := c.Transport()
	ctype := r.loc.types.Lookup(c.PathView())
	shard := t.Shard()
	if r.closing || r.loc.badKeepAlive(c) {
		c.CloseAfter()
	}
	plain := r.status == 0 && r.contentType == "" && shard < maxShards && t.Plain()
	if plain {
		if b := f.blocks[shard].Load(); b != nil && b.ctype == ctype {
			if unix, date := t.Date(); unix != b.dateOf {
				b.dateOf = unix
				copy(b.bytes[b.dateAt:], date[:])
			}
			c.SendReady(f.status, b.bytes, b.headLen)
			return
		}
	}
	_ = c.Static(f.status, ctype, f.body) // cannot fail
	if plain {
		f.keep(r, ctype, shard)
	}
}

// keep makes the ready-made response of the one that was just answered.
func (f *fixed) keep(r *request, ctype string, shard int) {
	head := r.c.Transport().AppendHead(make([]byte, 0, 512), r.c)
	b := &block{ctype: ctype, headLen: len(head)}
	b.dateAt = bytes.Index(head, []byte("\r\nDate: ")) + len("\r\nDate: ")
	b.bytes = append(head, f.body...)
	b.dateOf, _ = r.c.Transport().Date()
	f.blocks[shard].Store(b)
}
