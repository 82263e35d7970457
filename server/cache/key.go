package cache

// Hot: keys are made for every request; no allocation, no map, no defer.

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
)

// Sum is the MD5 sum of a key. It names the file; nothing relies on its strength, because the key is compared as well.
type Sum [md5.Size]byte

// Key is what an entry is found by.
type Key struct {
	Sum Sum
	// Text is the caller's memory; a Request needs it until Release.
	Text []byte
}

// KeyOf makes a key of its text, of up to 64 KiB.
func KeyOf(text []byte) Key { return Key{md5.Sum(text), text} }

// Memo remembers the sums of keys that were asked for last. It is used by one goroutine at a time; the zero value is ready.
type Memo struct{ slots [memoKeys]Key }

const (
	memoKeys = 64  // that are remembered
	memoText = 256 // bytes of the longest one
)

// KeyOf is the function of that name.
func (m *Memo) KeyOf(text []byte) Key {
	if len(text) < 8 || len(text) > memoText {
		return KeyOf(text)
	}
	// Keys that are alike differ at their ends, as a rule. The multiplier is that of Fibonacci hashing.
	tail := binary.LittleEndian.Uint64(text[len(text)-8:]) + uint64(len(text))
	s := &m.slots[tail*0x9e3779b97f4a7c15>>(64-6)]
	if !bytes.Equal(s.Text, text) {
		s.Text, s.Sum = append(s.Text[:0], text...), md5.Sum(text)
	}
	return Key{s.Sum, text}
}

// Fields gives the values of a request's fields, for Vary.
type Fields interface {
	// Values appends the values of the fields of that name, which is in lower case, in order.
	Values(dst [][]byte, name []byte) [][]byte
}

// variant returns the secondary sum of a request: of the main sum, and of the names in vary with the request's values, as NGINX's
// ngx_http_file_cache_vary makes it.
func (r *Request) variant(vary []byte) Sum {
	b := append(r.scratch[:0], r.key.Sum[:]...)
	for len(vary) > 0 {
		var name []byte
		if name, vary = nextToken(vary); len(name) == 0 {
			break
		}
		at := len(b)
		b = appendLower(b, name)
		name = b[at:]
		b = append(b, ':')
		if r.fields != nil {
			r.values = r.fields.Values(r.values[:0], name)
			b = appendValues(b, r.values, isNegotiated(name))
		}
		b = append(b, '\r', '\n')
	}
	r.scratch = b
	return md5.Sum(b)
}

// nextToken returns the next word of a list with commas or spaces between, and the rest behind it.
func nextToken(b []byte) (token, rest []byte) {
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == ',') {
		i++
	}
	j := i
	for j < len(b) && b[j] != ' ' && b[j] != ',' {
		j++
	}
	return b[i:j], b[j:]
}

// appendValues joins the values of one field. The spaces of those that clients write in many ways are made one.
func appendValues(b []byte, values [][]byte, normalise bool) []byte {
	first := true
	for _, v := range values {
		for more := true; more; {
			word := v
			if normalise {
				if word, v = nextToken(v); len(word) == 0 {
					break
				}
			} else {
				more = false
			}
			if !first {
				b = append(b, ',')
			}
			b, first = append(b, word...), false
		}
	}
	return b
}

func isNegotiated(name []byte) bool {
	switch string(name) {
	case "accept-charset", "accept-encoding", "accept-language":
		return true
	}
	return false
}

func appendLower(b, s []byte) []byte {
	for _, c := range s {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// fileName returns the path of an entry's file beneath dir: levels of one or two digits from the end of the sum, then all of it.
func fileName(dir string, levels []int, sum Sum) string {
	var digits [2 * len(sum)]byte
	hex.Encode(digits[:], sum[:])
	b := make([]byte, 0, len(dir)+len(digits)+1+3*len(levels))
	b = append(b, dir...)
	end := len(digits)
	for _, n := range levels {
		b = append(b, '/')
		b = append(b, digits[end-n:end]...)
		end -= n
	}
	b = append(b, '/')
	return string(append(b, digits[:]...))
}

// sumOf reads the last element of a file's path back.
func sumOf(name string) (sum Sum, ok bool) {
	if len(name) != 2*len(sum) {
		return sum, false
	}
	for i := range name { // upper case is not what fileName makes
		if c := name[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return sum, false
		}
	}
	_, err := hex.Decode(sum[:], []byte(name))
	return sum, err == nil
}
