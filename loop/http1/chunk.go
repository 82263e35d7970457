// Hot: runs for every piece of chunked content; no allocation, no map, no defer.

package http1

// A ChunkReader decodes chunked content (RFC 9112 section 7.1) where it lies. It is a plain value: its zero value is
// ready, and it holds no memory. It is a machine fed byte by byte, so input may be cut anywhere and no byte is seen twice.
//
// Chunk framing is read strictly, for two servers that disagree about where a chunk ends are all that smuggling needs:
// every line ends with CRLF (a bare LF inside an extension is the TERM.EXT attack, CVE-2025-22871), a size is hexadecimal
// digits and nothing else ("0x5", "+5", " 5" mean different things to different parsers) that fit 62 bits (a size that
// wraps around hides a request), extensions follow the grammar, and CRLF stands behind the data.
//
// Trailer fields are checked by the field grammar and counted. They are never merged with the head, so one named
// Content-Length, Host or Authorization has no effect (RFC 9110 section 6.5.1): who wants them asks Trailer for their bytes.
type ChunkReader struct {
	state    chunkState
	left     int64 // of this chunk: its size while it is read, then what is missing
	overhead int   // bytes of extensions and leading zeros, of all chunks
	trailer  int   // bytes of the trailer section
	before   int   // those of them that came before this call of Next
	refusal  Verdict
}

// maxChunk bounds a chunk size.
const maxChunk = 1<<62 - 1

type chunkState uint8

// The states are named by what was seen last. Those of an extension are in the order of its grammar.
const (
	chunkStart      chunkState = iota // nothing of the chunk: a digit must follow
	chunkSize                         // digits
	chunkSpace                        // white space behind the size or a value
	chunkSemicolon                    // ";" and white space: a name must follow
	chunkName                         // bytes of a name
	chunkNameSpace                    // white space behind it
	chunkEquals                       // "=" and white space: a value must follow
	chunkValue                        // bytes of a token value
	chunkQuoted                       // inside a quoted value
	chunkQuotedPair                   // a backslash in it
	chunkQuotedEnd                    // its closing quote
	chunkSizeCR                       // the CR of the size line
	chunkData                         // inside the data
	chunkDataEnd                      // all data: CR must follow
	chunkDataCR                       // its CR
	trailerStart                      // a line end: a trailer field or the last CR must follow
	trailerName                       // bytes of a name
	trailerValue                      // bytes of a value
	trailerCR                         // the CR of a field line
	trailerLastCR                     // the CR of the empty line
	chunkDone
)

// Reset readies c for the next message.
func (c *ChunkReader) Reset() { *c = ChunkReader{} }

// Pending is how many bytes of the current chunk have not come yet, as soon as its size line has: a chunk announced beyond
// a limit need not be waited for. It is below 2^62, so that it can be added to what has come.
func (c *ChunkReader) Pending() int64 {
	if c.state == chunkData {
		return c.left
	}
	return 0
}

// Next consumes the first n bytes of b, the bytes that follow what was consumed before. Its verdict is
//
//   - Data: data is the next piece of content, as offsets into b. Call again with b[n:].
//   - Partial: all of b was consumed and gave no more content. Call again when there is more.
//   - Complete: the message has ended; b[n:] is the next one.
//   - a refusal: the connection cannot be used any further. Every later call repeats it.
//
// The chunk-size line with its extensions costs no more than lim.ChunkExt beyond what it has to, the trailer section
// no more than lim.Trailer.
func (c *ChunkReader) Next(b []byte, lim *Limits) (data Span, n int, v Verdict) {
	if c.refusal != Partial {
		return Span{}, 0, c.refusal
	}
	c.before = c.trailer
	for n < len(b) {
		switch {
		case c.state == chunkData:
			size := int(min(c.left, int64(len(b)-n)))
			if c.left -= int64(size); c.left == 0 {
				c.state = chunkDataEnd
			}
			return span(n, n+size), n + size, Data
		case c.state == chunkDone:
			return Span{}, n, Complete
		}
		if c.refusal = c.step(b[n], lim); c.refusal != Partial {
			return Span{}, n, c.refusal
		}
		n++
	}
	if c.state == chunkDone {
		return Span{}, n, Complete
	}
	return Span{}, n, Partial
}

// Trailer returns where field lines of the trailer section lie in b[:n], which the last call of Next has consumed without a
// refusal. Put together they are whole lines with their CRLF, without the empty line behind them.
func (c *ChunkReader) Trailer(n int) Span {
	size := c.trailer - c.before
	if size == 0 {
		return Span{}
	}
	switch c.state { // the section began in b, or went on: what ends it is in b, too
	case trailerLastCR:
		n--
	case chunkDone:
		n -= 2
	}
	return span(n-size, n)
}

// step takes one byte that is not data.
func (c *ChunkReader) step(b byte, lim *Limits) Verdict {
	switch {
	case c.state <= chunkSize:
		return c.sizeByte(b, lim)
	case c.state < chunkSizeCR:
		return c.extensionByte(b, lim)
	case c.state >= trailerStart:
		return c.trailerByte(b, lim)
	case c.state == chunkSizeCR:
		if b != '\n' {
			return BadLineEnd
		}
		c.state = chunkData
		if c.left == 0 {
			c.state = trailerStart
		}
	case c.state == chunkDataEnd:
		c.state = chunkDataCR
		if b != '\r' {
			return BadChunkEnd
		}
	case c.state == chunkDataCR:
		c.state = chunkStart
		if b != '\n' {
			return BadChunkEnd
		}
	}
	return Partial
}

// sizeByte takes a byte of chunk-size, or the one behind it.
func (c *ChunkReader) sizeByte(b byte, lim *Limits) Verdict {
	if class[b]&isHex != 0 {
		if c.state == chunkSize && c.left == 0 {
			// A leading zero is legal, and in any number a way to send nothing for ever.
			if c.overhead++; c.overhead > lim.ChunkExt {
				return ChunkOverhead
			}
		}
		if c.left > maxChunk>>4 {
			return ChunkTooLarge
		}
		c.left = c.left<<4 | int64(hexValue(b))
		c.state = chunkSize
		return Partial
	}
	if c.state == chunkStart {
		return BadChunkSize
	}
	switch b {
	case '\r':
		c.state = chunkSizeCR
	case ';', ' ', '\t':
		c.state = chunkSpace
		return c.extensionByte(b, lim)
	default:
		return BadChunkSize
	}
	return Partial
}
