// Hot: runs for every piece of memcached's answer; no allocation, no map, no defer.

package memcached

import (
	"bytes"
	"math"
)

// A Verdict is what a Reader says of its input.
type Verdict uint8

const (
	// Partial: there is no more to say before more input comes.
	Partial Verdict = iota
	// Found: the head is complete and there is a value.
	Found
	// NotFound: there is no value; the answer is complete. NGINX answers 404.
	NotFound
	// Content: a piece of the value.
	Content
	// End: the value and its trailer are complete.
	End
	// BadTrailer: the value is complete, but what follows it is not the trailer alone. The connection cannot be used again.
	BadTrailer
	// BadResponse and the following refuse the head. NGINX answers 502.
	BadResponse
	BadKey
	BadFlags
	BadLength
)

// Refused reports whether v refuses the head.
func (v Verdict) Refused() bool { return v >= BadResponse }

const (
	trailer = "\r\nEND\r\n"
	value   = "VALUE "
)

// A Reader takes one answer apart, where it lies. It is a plain value: its zero value is ready, and it holds no memory. It
// is used by one goroutine at a time: Head until its verdict is not Partial, then Next for the content.
type Reader struct {
	length  int64
	left    int64 // of the content
	matched int   // bytes of the trailer
	gzip    bool
	done    Verdict
}

// Reset readies r for the next answer.
func (r *Reader) Reset() { *r = Reader{} }

// Length is that of the value in bytes, once Head has found one.
func (r *Reader) Length() int64 { return r.length }

// Gzip reports whether the value is compressed, once Head has found one.
func (r *Reader) Gzip() bool { return r.gzip }

// Head reads the head at the start of b, which is all that came of the answer yet. key is what was asked for, see Key.
// gzipFlag are the bits of memcached_gzip_flag; with 0 the flags are not looked at, as in NGINX. For Found and NotFound the
// head takes n bytes; give the rest to Next. After Partial call again with all of it and more behind.
func (r *Reader) Head(b, key []byte, gzipFlag uint64) (n int, v Verdict) {
	end := bytes.IndexByte(b, '\n')
	if end < 0 {
		return 0, Partial
	}
	if end == 0 || b[end-1] != '\r' {
		return 0, BadResponse
	}
	line := b[:end-1]
	switch {
	case bytes.HasPrefix(line, []byte(value)):
		v = r.value(line[len(value):], key, gzipFlag)
	case string(line) == "END":
		r.done, v = End, NotFound
	default:
		v = BadResponse
	}
	return end + 1, v
}

// value reads "KEY FLAGS LENGTH".
func (r *Reader) value(line, key []byte, gzipFlag uint64) Verdict {
	if !bytes.HasPrefix(line, key) {
		return BadKey
	}
	line = line[len(key):]
	if len(line) == 0 || line[0] != ' ' {
		return BadResponse
	}
	line = line[1:]
	space := bytes.IndexByte(line, ' ')
	if space < 0 {
		return BadResponse
	}
	if gzipFlag != 0 {
		flags := number(line[:space])
		if flags < 0 {
			return BadFlags
		}
		r.gzip = uint64(flags)&gzipFlag != 0
	}
	if r.length = number(line[space+1:]); r.length < 0 {
		return BadLength
	}
	r.left = r.length
	return Found
}

// number reads decimal digits; -1 when b is something else or does not fit.
func number(b []byte) (n int64) {
	if len(b) == 0 {
		return -1
	}
	for _, c := range b {
		if c < '0' || c > '9' || n > (math.MaxInt64-int64(c-'0'))/10 {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// Next consumes the first n bytes of b, the bytes that follow what was consumed before. For Content data is a view of b
// that ends at b[n], never empty. Call again with b[n:] until that is empty. End may be followed by BadTrailer, when bytes
// come behind it; that repeats itself and consumes nothing.
func (r *Reader) Next(b []byte) (data []byte, n int, v Verdict) {
	if len(b) == 0 {
		return nil, 0, Partial
	}
	if r.done != Partial {
		r.done = BadTrailer
		return nil, 0, BadTrailer
	}
	if r.left > 0 {
		n = int(min(r.left, int64(len(b))))
		r.left -= int64(n)
		return b[:n], n, Content
	}
	for n < len(b) && r.done == Partial {
		if b[n] != trailer[r.matched] {
			r.done = BadTrailer
			return nil, n, BadTrailer
		}
		n++
		if r.matched++; r.matched == len(trailer) {
			r.done = End
		}
	}
	return nil, n, r.done
}

// ContentEnded reports whether all of the value came; its trailer may be missing.
func (r *Reader) ContentEnded() bool { return r.left == 0 }

// Clean reports whether the answer ended where the input did. Only then may the connection serve another request.
func (r *Reader) Clean() bool { return r.done == End }
