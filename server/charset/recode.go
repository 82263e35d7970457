package charset

// Hot: recodes every byte of a response; no allocation, no map, no defer.

import (
	"io"
	"strconv"
	"unicode/utf8"
)

// recoder recodes a body in pieces. It holds back what may be the beginning of a character.
type recoder struct {
	*table
	held  [utf8.UTFMax]byte
	nheld int
}

// recode appends a piece of the body to dst, recoded.
func (r *recoder) recode(dst, src []byte) []byte {
	switch {
	case r.single != nil:
		for _, b := range src {
			dst = append(dst, r.single[b])
		}
		return dst
	case r.wide != nil:
		for _, b := range src {
			dst = append(dst, r.wide[b]...)
		}
		return dst
	}
	for r.nheld > 0 && len(src) > 0 {
		r.held[r.nheld] = src[0]
		src = src[1:]
		r.nheld++
		dst = r.settle(dst, false)
	}
	return r.fromUTF8(dst, src)
}

// settle recodes what is held back, as far as it is decided; last tells that nothing follows.
func (r *recoder) settle(dst []byte, last bool) []byte {
	for r.nheld > 0 && (last || utf8.FullRune(r.held[:r.nheld])) {
		c, n := utf8.DecodeRune(r.held[:r.nheld])
		dst = r.appendRune(dst, c, n)
		r.nheld = copy(r.held[:], r.held[n:r.nheld])
	}
	return dst
}

// finish recodes what is held back at the end of the body.
func (r *recoder) finish(dst []byte) []byte { return r.settle(dst, true) }

func (r *recoder) fromUTF8(dst, src []byte) []byte {
	for len(src) > 0 {
		if src[0] < utf8.RuneSelf {
			dst = append(dst, src[0])
			src = src[1:]
			continue
		}
		if !utf8.FullRune(src) {
			r.nheld = copy(r.held[:], src)
			return dst
		}
		c, n := utf8.DecodeRune(src)
		dst = r.appendRune(dst, c, n)
		src = src[n:]
	}
	return dst
}

// appendRune appends a character of n bytes in the other charset.
func (r *recoder) appendRune(dst []byte, c rune, n int) []byte {
	if c < utf8.RuneSelf {
		return append(dst, byte(c))
	}
	if c == utf8.RuneError && n == 1 {
		return append(dst, '?')
	}
	if c <= 0xffff {
		if page := r.narrow[c>>8]; page != nil && page[c&0xff] != 0 {
			return append(dst, page[c&0xff])
		}
	}
	return append(strconv.AppendInt(append(dst, "&#"...), int64(c), 10), ';')
}

// stream is a recoder in front of the wire.
type stream struct {
	recoder
	wire io.Writer
	out  []byte
}

// Write recodes p.
func (s *stream) Write(p []byte) (int, error) {
	s.out = s.recode(s.out[:0], p)
	if err := s.pass(); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (s *stream) pass() error {
	if len(s.out) == 0 {
		return nil
	}
	_, err := s.wire.Write(s.out)
	return err
}

// Flush has nothing to pass on: Write does, but for an incomplete character.
func (s *stream) Flush() error { return nil }

// Close passes on what was held back.
func (s *stream) Close() error {
	s.out = s.finish(s.out[:0])
	return s.pass()
}
