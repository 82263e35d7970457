package load

// Hot: runs for every answer; no allocation, no map, no defer.

import (
	"bytes"
	"errors"
	"math"
)

// The errors of the parser; the connection is of no use after one.
var (
	errHead  = errors.New("malformed head of an answer")
	errChunk = errors.New("malformed chunk")
)

const (
	maxLine   = 64 << 10 // bytes of one line; no server of a benchmark comes near it
	maxLength = 1 << 50  // bytes of content or of one chunk, so that sums never overflow
)

// A phase is what the next bytes are. Those up to inTrailer are read as lines, the others as content.
type phase uint8

const (
	inStatusLine phase = iota
	inFields
	inChunkSize
	inChunkEnd
	inTrailer
	inContent
	inChunk
	untilEOF
)

// parser reads answers to GET from a stream that may be cut anywhere (RFC 9112 sections 2, 6 and 7). It keeps the
// status, the length and whether the connection ends, and trusts the server in all that does not matter to these.
// The zero value expects an answer.
type parser struct {
	status int
	length int64 // bytes of content so far, all of them when the answer is complete
	last   bool  // the server closes the connection after this answer

	phase    phase
	declared int64  // Content-Length, -1 without one
	chunked  bool   // Transfer-Encoding: chunked
	left     int64  // bytes of the content or the chunk still to come
	line     []byte // the unfinished line at the end of the last input
}

// feed reads input up to the end of one answer. It returns the bytes consumed, which are all of them unless an answer
// is complete, and whether one is.
func (p *parser) feed(input []byte) (consumed int, complete bool, err error) {
	for consumed < len(input) && !complete && err == nil {
		if p.phase >= inContent {
			n := int(min(p.left, int64(len(input)-consumed)))
			consumed += n
			complete = p.skip(n)
			continue
		}
		line, n, ok := p.nextLine(input[consumed:])
		consumed += n
		if ok {
			complete, err = p.takeLine(line)
		} else if len(p.line) > maxLine {
			err = errHead
		}
	}
	return consumed, complete, err
}

// skip takes n ≤ left bytes of content; it tells whether that completes the answer.
func (p *parser) skip(n int) (complete bool) {
	p.length += int64(n)
	p.left -= int64(n)
	switch {
	case p.left > 0:
		return false
	case p.phase == inChunk:
		p.phase = inChunkEnd
		return false
	}
	p.phase = inStatusLine
	return true
}

// eof tells whether the end of the stream completes an answer.
func (p *parser) eof() bool { return p.phase == untilEOF }

// nextLine cuts a line, without its end, off input and what was kept before. When it is unfinished, all input is kept.
// The line is valid until the next call.
func (p *parser) nextLine(input []byte) (line []byte, consumed int, ok bool) {
	end := bytes.IndexByte(input, '\n')
	if end < 0 {
		p.line = append(p.line, input...)
		return nil, len(input), false
	}
	line = input[:end]
	if len(p.line) > 0 {
		line = append(p.line, line...)
		p.line = line[:0]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, end + 1, true
}

// takeLine moves the parser on by one line.
func (p *parser) takeLine(line []byte) (complete bool, err error) {
	switch p.phase {
	case inStatusLine:
		return false, p.statusLine(line)
	case inFields:
		if len(line) == 0 {
			return p.endOfHead(), nil
		}
		return false, p.field(line)
	case inChunkSize:
		return false, p.chunkSize(line)
	case inChunkEnd:
		if len(line) != 0 {
			return false, errChunk
		}
		p.phase = inChunkSize
		return false, nil
	default: // inTrailer
		if len(line) != 0 {
			return false, nil
		}
		p.phase = inStatusLine
		return true, nil
	}
}

// statusLine reads "HTTP/1.x NNN reason" and begins an answer.
func (p *parser) statusLine(line []byte) error {
	if len(line) < len("HTTP/1.1 200") || string(line[:7]) != "HTTP/1." || line[8] != ' ' {
		return errHead
	}
	status, ok := number(line[9:12], 10)
	if !ok || status < 100 {
		return errHead
	}
	p.status, p.length, p.last = int(status), 0, line[7] == '0'
	p.declared, p.chunked, p.phase = -1, false, inFields
	return nil
}

// field looks at the three fields that decide where the answer ends.
func (p *parser) field(line []byte) error {
	switch line[0] | 0x20 {
	case 'c':
		if value, ok := valueOf(line, "content-length"); ok {
			n, ok := number(value, 10)
			if !ok || p.declared >= 0 && p.declared != n {
				return errHead
			}
			p.declared = n
		} else if value, ok := valueOf(line, "connection"); ok {
			p.last = bytes.EqualFold(value, []byte("close"))
		}
	case 't':
		if value, ok := valueOf(line, "transfer-encoding"); ok {
			p.chunked = bytes.EqualFold(value, []byte("chunked"))
		}
	}
	return nil
}

// endOfHead chooses the framing of the content (RFC 9112 section 6.3); an answer without one is complete.
func (p *parser) endOfHead() (complete bool) {
	switch {
	case p.status < 200: // interim: the answer is still to come
		p.phase = inStatusLine
		return false
	case p.status == 204 || p.status == 304 || p.declared == 0 && !p.chunked:
		p.phase = inStatusLine
		return true
	case p.chunked:
		p.phase = inChunkSize
	case p.declared > 0:
		p.phase, p.left = inContent, p.declared
	default:
		p.phase, p.left, p.last = untilEOF, math.MaxInt64, true
	}
	return false
}

// chunkSize reads "hex[;extensions]".
func (p *parser) chunkSize(line []byte) error {
	if i := bytes.IndexByte(line, ';'); i >= 0 {
		line = line[:i]
	}
	size, ok := number(bytes.TrimRight(line, " \t"), 16)
	switch {
	case !ok:
		return errChunk
	case size == 0:
		p.phase = inTrailer
	default:
		p.phase, p.left = inChunk, size
	}
	return nil
}

// valueOf returns the trimmed value when line is the field with that name, given in lower case.
func valueOf(line []byte, name string) (value []byte, ok bool) {
	if len(line) <= len(name) || line[len(name)] != ':' || !bytes.EqualFold(line[:len(name)], []byte(name)) {
		return nil, false
	}
	return bytes.TrimSpace(line[len(name)+1:]), true
}

// number reads an unsigned number of base 10 or 16, at most maxLength.
func number(digits []byte, base int64) (n int64, ok bool) {
	for _, c := range digits {
		d := digit(c)
		if d >= base || n > maxLength>>4 {
			return 0, false
		}
		n = n*base + d
	}
	return n, len(digits) > 0
}

// digit is the value of a hexadecimal digit, or a large number.
func digit(c byte) int64 {
	switch {
	case '0' <= c && c <= '9':
		return int64(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int64(c|0x20-'a') + 10
	}
	return math.MaxInt64
}
