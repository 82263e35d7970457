// Hot: runs for chunked content that has extensions or trailers; no allocation, no map, no defer.

package http1

// extensionByte takes a byte behind the chunk size (RFC 9112 section 7.1.1):
//
//	chunk-ext = *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
//
// The grammar is followed because "ignore what you do not know" up to some line end is where parsers differ. White space
// before the CR is not in it; it is tolerated unless Strict, since old Apache versions pad their sizes with spaces.
func (c *ChunkReader) extensionByte(b byte, lim *Limits) Verdict {
	if c.overhead++; c.overhead > lim.ChunkExt {
		return ChunkOverhead
	}
	next, ok := extensionState(c.state, b, lim.Strict)
	if !ok {
		return BadChunkExtension
	}
	c.state = next
	return Partial
}

// extensionState is the state that b leads to from s; not ok when it may not stand there.
func extensionState(s chunkState, b byte, strict bool) (next chunkState, ok bool) {
	space := b == ' ' || b == '\t'
	token := class[b]&isToken != 0
	switch s {
	case chunkSemicolon:
		if token {
			return chunkName, true
		}
		return s, space
	case chunkEquals:
		if token {
			return chunkValue, true
		}
		if b == '"' {
			return chunkQuoted, true
		}
		return s, space
	case chunkQuoted:
		if b == '"' {
			return chunkQuotedEnd, true
		}
		if b == '\\' {
			return chunkQuotedPair, true
		}
		return s, class[b]&isValue != 0
	case chunkQuotedPair:
		return chunkQuoted, class[b]&isValue != 0
	case chunkName, chunkValue:
		if token {
			return s, true
		}
	}
	return partEnd(s, b, strict)
}

// partEnd is extensionState for what may follow the size, a name or a value.
func partEnd(s chunkState, b byte, strict bool) (next chunkState, ok bool) {
	afterName := s == chunkName || s == chunkNameSpace
	switch b {
	case ';':
		return chunkSemicolon, true
	case '=':
		return chunkEquals, afterName
	case '\r':
		return chunkSizeCR, !strict || s != chunkSpace && s != chunkNameSpace
	case ' ', '\t':
		if afterName {
			return chunkNameSpace, true
		}
		return chunkSpace, true
	}
	return s, false
}

// trailerByte takes a byte of the trailer section (section 7.1.2), which has the grammar of header fields: no folding,
// no space before the colon, no CTL, and CRLF behind each line.
func (c *ChunkReader) trailerByte(b byte, lim *Limits) Verdict {
	if c.state == trailerLastCR {
		c.state = chunkDone
		if b != '\n' {
			return BadLineEnd
		}
		return Partial
	}
	if c.state == trailerStart && b == '\r' {
		c.state = trailerLastCR
		return Partial
	}
	if c.trailer++; c.trailer > lim.Trailer {
		return TrailerTooLarge
	}
	switch {
	case c.state <= trailerName && class[b]&isToken != 0:
		c.state = trailerName
	case c.state == trailerName && b == ':':
		c.state = trailerValue
	case c.state == trailerValue && b == '\r':
		c.state = trailerCR
	case c.state == trailerCR && b == '\n':
		c.state = trailerStart
	case c.state != trailerValue || class[b]&isValue == 0:
		return BadTrailer
	}
	return Partial
}
