package authbasic

import (
	"crypto/md5"
	"strings"
)

// md5Crypt returns the hash of password in the MD5 scheme of FreeBSD's crypt(3), with the salt of hash; Apache's differs in
// magic alone.
func md5Crypt(magic, hash string, password []byte) []byte {
	salt, _, _ := strings.Cut(hash[len(magic):], "$")
	salt = salt[:min(len(salt), 8)]
	inner := md5.New()
	inner.Write(password)
	inner.Write([]byte(salt))
	inner.Write(password)
	sum := inner.Sum(nil)

	outer := md5.New()
	outer.Write(password)
	outer.Write([]byte(magic + salt))
	for n := len(password); n > 0; n -= md5.Size {
		outer.Write(sum[:min(n, md5.Size)])
	}
	for n := len(password); n > 0; n >>= 1 {
		if n&1 != 0 {
			outer.Write([]byte{0})
		} else {
			outer.Write(password[:1])
		}
	}
	sum = outer.Sum(nil)
	for i := range 1000 {
		h := md5.New()
		h.Write(either(i&1 != 0, password, sum))
		if i%3 != 0 {
			h.Write([]byte(salt))
		}
		if i%7 != 0 {
			h.Write(password)
		}
		h.Write(either(i&1 != 0, sum, password))
		sum = h.Sum(sum[:0])
	}
	b := []byte(magic + salt + "$")
	for i := range 5 {
		last := i + 12
		if i == 4 {
			last = 5
		}
		b = append64(b, uint32(sum[i])<<16|uint32(sum[i+6])<<8|uint32(sum[last]), 4)
	}
	return append64(b, uint32(sum[11]), 2)
}

func either(first bool, a, b []byte) []byte {
	if first {
		return a
	}
	return b
}
