package cache

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
)

// A file is a header, the key, the ETag, Vary, the head, and the body. The header, little endian:
//
//	 0  magic, with the version    40  LastModified          88  length of Vary
//	 8  checksum of the rest        48  Date                  92  length of the head
//	12  Status                      56  length of the body    96  checksum of key, ETag, Vary and head
//	16  Valid                       64  secondary sum        100  checksum of the body
//	24  Updating                    80  length of the key    104  zeros
//	32  Error                       84  length of the ETag
//
// Refresh writes it anew, in place; all else of a file never changes under its name.
const (
	magic      = "WHPCACH1"
	headerSize = 128
)

var (
	errHeader   = errors.New("cache: not the header of an entry")
	errLength   = errors.New("cache: the file has another length than its header says")
	errChecksum = errors.New("cache: the content has another checksum than its header says")
	errKey      = errors.New("cache: the file is of another key with the same sum")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// header is the fixed part of a file.
type header struct {
	meta                              Meta // without ETag and Vary
	variant                           Sum
	keyLen, etagLen, varyLen, headLen int
	bodyLen                           int64
	textSum, bodySum                  uint32
}

// textLen is the length of what stands between header and body.
func (h *header) textLen() int { return h.keyLen + h.etagLen + h.varyLen + h.headLen }

// fileLen is the length of the whole file.
func (h *header) fileLen() int64 { return headerSize + int64(h.textLen()) + h.bodyLen }

func (h *header) append(b []byte) []byte {
	at := len(b)
	le := binary.LittleEndian
	b = append(b, magic...)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, uint32(h.meta.Status))
	for _, v := range [...]int64{h.meta.Valid, h.meta.Updating, h.meta.Error, h.meta.LastModified, h.meta.Date, h.bodyLen} {
		b = le.AppendUint64(b, uint64(v))
	}
	b = append(b, h.variant[:]...)
	for _, v := range [...]uint32{uint32(h.keyLen), uint32(h.etagLen), uint32(h.varyLen), uint32(h.headLen), h.textSum, h.bodySum} {
		b = le.AppendUint32(b, v)
	}
	b = append(b, make([]byte, headerSize-(len(b)-at))...)
	le.PutUint32(b[at+8:], crc32.Checksum(b[at+12:at+headerSize], castagnoli))
	return b
}

// parseHeader reads the header of a file from its first headerSize bytes. What it returns has lengths within the limits.
func parseHeader(b []byte) (h header, err error) {
	le := binary.LittleEndian
	if len(b) < headerSize || string(b[:8]) != magic || le.Uint32(b[8:]) != crc32.Checksum(b[12:headerSize], castagnoli) {
		return h, errHeader
	}
	h.meta.Status = int(le.Uint32(b[12:]))
	for i, p := range [...]*int64{&h.meta.Valid, &h.meta.Updating, &h.meta.Error, &h.meta.LastModified, &h.meta.Date, &h.bodyLen} {
		*p = int64(le.Uint64(b[16+8*i:]))
	}
	copy(h.variant[:], b[64:])
	var n [6]uint32
	for i := range n {
		n[i] = le.Uint32(b[80+4*i:])
	}
	if n[0] > keyMax || n[1] > etagMax || n[2] > varyMax || n[3] > headMax {
		return h, errHeader
	}
	if h.bodyLen < 0 || h.bodyLen > math.MaxInt64/2 || h.meta.Updating < 0 || h.meta.Error < 0 || h.meta.Status > 999 {
		return h, errHeader
	}
	h.keyLen, h.etagLen, h.varyLen, h.headLen = int(n[0]), int(n[1]), int(n[2]), int(n[3])
	h.textSum, h.bodySum = n[4], n[5]
	return h, nil
}

// header returns the header of an entry's file.
func (e *Entry) header(bodySum uint32) header {
	h := header{
		meta: e.meta, variant: e.variant, bodyLen: e.length, bodySum: bodySum, textSum: crc32.Checksum(e.text, castagnoli),
		keyLen: len(e.key), etagLen: len(e.meta.ETag), varyLen: len(e.meta.Vary), headLen: len(e.head),
	}
	h.meta.ETag, h.meta.Vary = nil, nil
	return h
}

// entry makes an entry, still without a body, of a header and what follows it, which it keeps.
func (h *header) entry(text []byte) (*Entry, error) {
	if len(text) != h.textLen() {
		return nil, errLength
	}
	if crc32.Checksum(text, castagnoli) != h.textSum {
		return nil, errChecksum
	}
	e := &Entry{meta: h.meta, variant: h.variant, length: h.bodyLen}
	e.setText(text, h.keyLen, h.etagLen, h.varyLen)
	e.refs.Store(1)
	return e, nil
}
