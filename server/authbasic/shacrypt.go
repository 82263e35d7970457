package authbasic

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"strconv"
	"strings"
)

// shaScheme is one of the two schemes of "Unix crypt using SHA-256 and SHA-512" (Ulrich Drepper, 2007).
type shaScheme struct {
	magic string
	new   func() hash.Hash
	order []byte // bytes of the sum as they are written, three by three
	tail  []byte // the rest
}

var sha256Crypt = shaScheme{"$5$", sha256.New,
	[]byte{0, 10, 20, 21, 1, 11, 12, 22, 2, 3, 13, 23, 24, 4, 14, 15, 25, 5, 6, 16, 26, 27, 7, 17, 18, 28, 8, 9, 19, 29}, []byte{31, 30}}

var sha512Crypt = shaScheme{"$6$", sha512.New,
	[]byte{0, 21, 42, 22, 43, 1, 44, 2, 23, 3, 24, 45, 25, 46, 4, 47, 5, 26, 6, 27, 48, 28, 49, 7, 50, 8, 29, 9, 30, 51, 31, 52, 10,
		53, 11, 32, 12, 33, 54, 34, 55, 13, 56, 14, 35, 15, 36, 57, 37, 58, 16, 59, 17, 38, 18, 39, 60, 40, 61, 19, 62, 20, 41}, []byte{63}}

// The rounds of a hash that names none, and the bounds of those that do.
const (
	defaultRounds = 5000
	minRounds     = 1000
	maxRounds     = 999_999_999
)

// shaCrypt returns the hash of password with the salt and rounds of hash.
func shaCrypt(s *shaScheme, hash string, password []byte) []byte {
	rest, rounds, named := hash[len(s.magic):], defaultRounds, false
	if text, ok := strings.CutPrefix(rest, "rounds="); ok {
		number, behind, ok := strings.Cut(text, "$")
		if n, err := strconv.ParseUint(number, 10, 64); ok && err == nil {
			rest, named = behind, true
			rounds = int(max(minRounds, min(n, maxRounds)))
		}
	}
	salt, _, _ := strings.Cut(rest, "$")
	salt = salt[:min(len(salt), 16)]
	sum := s.stretch(password, []byte(salt), rounds)
	b := []byte(s.magic)
	if named {
		b = append(strconv.AppendInt(append(b, "rounds="...), int64(rounds), 10), '$')
	}
	b = append(append(b, salt...), '$')
	for i := 0; i < len(s.order); i += 3 {
		b = append64(b, uint32(sum[s.order[i]])<<16|uint32(sum[s.order[i+1]])<<8|uint32(sum[s.order[i+2]]), 4)
	}
	var v uint32
	for _, i := range s.tail {
		v = v<<8 | uint32(sum[i])
	}
	return append64(b, v, len(s.tail)+1)
}

// stretch is steps 1 to 21 of the specification.
func (s *shaScheme) stretch(password, salt []byte, rounds int) []byte {
	sum := s.start(password, salt)
	p := s.sequence(len(password), password, len(password))
	saltTimes := 16 + int(sum[0])
	q := s.sequence(saltTimes, salt, len(salt))
	h := s.new()
	for i := range rounds {
		h.Reset()
		h.Write(either(i&1 != 0, p, sum))
		if i%3 != 0 {
			h.Write(q)
		}
		if i%7 != 0 {
			h.Write(p)
		}
		h.Write(either(i&1 != 0, sum, p))
		sum = h.Sum(sum[:0])
	}
	return sum
}

// start is the digest A.
func (s *shaScheme) start(password, salt []byte) []byte {
	h := s.new()
	h.Write(password)
	h.Write(salt)
	h.Write(password)
	b := h.Sum(nil)
	h.Reset()
	h.Write(password)
	h.Write(salt)
	for n := len(password); n > 0; n -= len(b) {
		h.Write(b[:min(n, len(b))])
	}
	for n := len(password); n > 0; n >>= 1 {
		h.Write(either(n&1 != 0, b, password))
	}
	return h.Sum(nil)
}

// sequence repeats the digest of text written times over until it has n bytes: the sequences P and S.
func (s *shaScheme) sequence(times int, text []byte, n int) []byte {
	h := s.new()
	for range times {
		h.Write(text)
	}
	b := h.Sum(nil)
	return bytes.Repeat(b, n/len(b)+1)[:n]
}
