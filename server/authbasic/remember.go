package authbasic

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// remembered holds which passwords were right, as keyed digests: whoever reads this memory alone has nothing to try
// passwords against.
type remembered struct {
	keep time.Duration
	key  [32]byte

	mu    sync.Mutex
	until map[[sha256.Size]byte]time.Time
}

// digest stands for a name, its hash in the file, and a password. Their lengths keep them apart.
func (r *remembered) digest(user, hash string, password []byte) (d [sha256.Size]byte) {
	m := hmac.New(sha256.New, r.key[:])
	var n [16]byte
	binary.LittleEndian.PutUint64(n[:], uint64(len(user)))
	binary.LittleEndian.PutUint64(n[8:], uint64(len(hash)))
	m.Write(n[:])
	m.Write([]byte(user))
	m.Write([]byte(hash))
	m.Write(password)
	m.Sum(d[:0])
	return d
}

// has tells whether the password was right not long ago.
func (r *remembered) has(user, hash string, password []byte) bool {
	if r.keep < 0 {
		return false
	}
	d := r.digest(user, hash, password)
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Before(r.until[d])
}

// add notes a password that was right. It does not count longer because it is used.
func (r *remembered) add(user, hash string, password []byte) {
	if r.keep < 0 {
		return
	}
	d := r.digest(user, hash, password)
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.until == nil {
		r.until = map[[sha256.Size]byte]time.Time{}
	}
	if len(r.until) >= maxRemembered {
		for other, until := range r.until {
			if until.Before(now) {
				delete(r.until, other)
			}
		}
	}
	for other := range r.until { // any will do
		if len(r.until) < maxRemembered {
			break
		}
		delete(r.until, other)
	}
	r.until[d] = now.Add(r.keep)
}
