// Hot: runs for every chunked body; no allocation, no map, no defer.

package http1

import (
	"math"
)

// ChunkReader decodes chunked content (RFC 9112 section 7.1) in place: it hands out spans of the input. Its zero value is
// ready; it is reused after Reset. It never looks at a byte twice, so it may be fed one byte at a time.
//
// Every line must end with CRLF, in whatever mode: a lone LF that ends a chunk line here and is part of an extension
// elsewhere smuggles a request (CVE-2025-22871).
type ChunkReader struct {
	state    chunkState
	digits   bool  // the size has a digit
	left     int64 // of the size line: its value; then bytes of the chunk not seen yet
	overhead int   // extension bytes, leading zeros and white space of the whole message
	trailer  int   // bytes of the trailer section
	quoted   bool  // within a quoted extension value
	escaped  bool  // behind a backslash of one
	line     lineState
}

type chunkState uint8

const (
	chunkSize    chunkState = iota // digits
	chunkSpace                     // white space behind the size or between extensions
	chunkName                      // behind ";": an extension's name
	chunkValue                     // behind "=": its value
	chunkSizeLF                    // the LF of the size line
	chunkData                      // content
	chunkDataCR                    // the CR behind content
	chunkDataLF                    // the LF behind content
	chunkTrailer                   // field lines, or the CR of the empty line
	chunkEndLF                     // the LF of the empty line
	chunkDone
)

// lineState is where in a trailer field line the reader is.
type lineState uint8

const (
	lineStart lineState = iota
	lineName
	lineValue
	lineLF
)

// Reset readies d for the next message.
func (d *ChunkReader) Reset() { *d = ChunkReader{} }

// Pending returns how many bytes of the current chunk have not come yet, as soon as its size line has: a chunk that is
// announced beyond a limit need not be waited for.
func (d *ChunkReader) Pending() int64 {
	if d.state == chunkData {
		return d.left
	}
	return 0
}

// Next takes n bytes of b and returns the next run of content among them, as a span of b. The verdict is Data when there
// is content; Partial when all of b was taken and more is needed; Complete at the end of the trailer section, with n
// behind it; anything else is a refusal.
func (d *ChunkReader) Next(b []byte, lim *Limits) (data Span, n int, v Verdict) {
	for n < len(b) {
		if d.state == chunkData {
			take := int(min(d.left, int64(len(b)-n)))
			d.left -= int64(take)
			if d.left == 0 {
				d.state = chunkDataCR
			}
			return span(n, n+take), n + take, Data
		}
		if v := d.step(b[n], lim); v != Partial {
			return Span{}, n, v
		}
		n++
		if d.state == chunkDone {
			return Span{}, n, Complete
		}
	}
	return Span{}, n, Partial
}

// step takes one byte of framing.
func (d *ChunkReader) step(c byte, lim *Limits) Verdict {
	switch d.state {
	case chunkSize:
		return d.size(c, lim)
	case chunkSpace, chunkName, chunkValue:
		return d.extension(c, lim)
	case chunkSizeLF:
		switch {
		case c != '\n':
			return BadChunkSize
		case d.left == 0:
			d.state, d.line = chunkTrailer, lineStart
		default:
			d.state = chunkData
		}
	case chunkDataCR:
		if c != '\r' {
			return BadChunkEnd
		}
		d.state = chunkDataLF
	case chunkDataLF:
		if c != '\n' {
			return BadChunkEnd
		}
		d.state, d.digits = chunkSize, false
	case chunkTrailer:
		return d.trailerByte(c, lim)
	case chunkEndLF:
		if c != '\n' {
			return BadTrailer
		}
		d.state = chunkDone
	}
	return Partial
}

// size takes a byte of 1*HEXDIG or what may follow it. Anything else in front ("+5", "0x5", " 5") is a size to one server
// and not to another.
func (d *ChunkReader) size(c byte, lim *Limits) Verdict {
	if class[c]&isHex != 0 {
		if d.digits && d.left == 0 { // a leading zero
			if d.overhead++; d.overhead > lim.ChunkExt {
				return ChunkOverhead
			}
		}
		if d.left > math.MaxInt64>>4 {
			return ChunkTooLarge
		}
		d.left, d.digits = d.left<<4|int64(hexValue(c)), true
		return Partial
	}
	if !d.digits {
		return BadChunkSize
	}
	switch {
	case c == '\r':
		d.state = chunkSizeLF
	case c == ';':
		d.state, d.line = chunkName, lineStart
	case (c == ' ' || c == '\t') && !lim.Strict:
		d.state = chunkSpace
	default:
		return BadChunkSize
	}
	return Partial
}

// extension takes a byte of *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) (section 7.1.1). line tells
// whether the name or value has begun (lineName) or is over (lineValue).
func (d *ChunkReader) extension(c byte, lim *Limits) Verdict {
	if d.overhead++; d.overhead > lim.ChunkExt {
		return ChunkOverhead
	}
	switch {
	case d.quoted:
		return d.quotedByte(c)
	case class[c]&isToken != 0 && d.state != chunkSpace && d.line != lineValue:
		d.line = lineName
	case c == '"' && d.state == chunkValue && d.line == lineStart:
		d.quoted = true
	case c == ' ' || c == '\t':
		if d.line == lineName {
			d.line = lineValue
		}
	case d.state != chunkSpace && d.line == lineStart: // nothing behind ";" or "="
		return BadChunkExtension
	case c == '=' && d.state == chunkName:
		d.state, d.line = chunkValue, lineStart
	case c == ';':
		d.state, d.line = chunkName, lineStart
	case c == '\r':
		d.state = chunkSizeLF
	default:
		return BadChunkExtension
	}
	return Partial
}

// quotedByte takes a byte of a quoted-string (RFC 9110 section 5.6.4).
func (d *ChunkReader) quotedByte(c byte) Verdict {
	switch {
	case class[c]&isValue == 0:
		return BadChunkExtension
	case d.escaped:
		d.escaped = false
	case c == '\\':
		d.escaped = true
	case c == '"':
		d.quoted, d.line = false, lineValue
	}
	return Partial
}

// trailerByte takes a byte of the trailer section: field lines by the grammar of a head's, then an empty line. They are
// checked and dropped: a trailer must never become a header (RFC 9110 section 6.5.1).
func (d *ChunkReader) trailerByte(c byte, lim *Limits) Verdict {
	if d.trailer++; d.trailer > lim.Trailer {
		return TrailerTooLarge
	}
	switch d.line {
	case lineLF:
		if c != '\n' {
			return BadTrailer
		}
		d.line = lineStart
		return Partial
	case lineValue:
		switch {
		case c == '\r':
			d.line = lineLF
		case class[c]&isValue == 0:
			return BadTrailer
		}
		return Partial
	case lineStart:
		if c == '\r' {
			d.state = chunkEndLF
			return Partial
		}
	}
	switch {
	case class[c]&isToken != 0:
		d.line = lineName
	case c == ':' && d.line == lineName:
		d.line = lineValue
	default:
		return BadTrailer
	}
	return Partial
}

// hexValue returns the value of a hexadecimal digit.
func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}
