package authbasic

import (
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// ErrUnknownHash tells that a hash is of no kind that this package knows.
var ErrUnknownHash = errors.New("authbasic: hash of an unknown kind")

// matches tells whether password has the hash of a user file. It may take long.
func matches(hash string, password []byte) (bool, error) {
	switch {
	case strings.HasPrefix(hash, "{PLAIN}"):
		return equal([]byte(hash[len("{PLAIN}"):]), password), nil
	case strings.HasPrefix(hash, "{SHA}"):
		return matchesSHA(hash[len("{SHA}"):], password, false)
	case strings.HasPrefix(hash, "{SSHA}"):
		return matchesSHA(hash[len("{SSHA}"):], password, true)
	case strings.HasPrefix(hash, "$apr1$"):
		return equal([]byte(hash), md5Crypt("$apr1$", hash, password)), nil
	case strings.HasPrefix(hash, "$1$"):
		return equal([]byte(hash), md5Crypt("$1$", hash, password)), nil
	case strings.HasPrefix(hash, "$5$"):
		return equal([]byte(hash), shaCrypt(&sha256Crypt, hash, password)), nil
	case strings.HasPrefix(hash, "$6$"):
		return equal([]byte(hash), shaCrypt(&sha512Crypt, hash, password)), nil
	case isBcrypt(hash):
		return matchesBcrypt(hash, password)
	}
	if b, ok := desCrypt(hash, password); ok {
		return equal([]byte(hash), b), nil
	}
	return false, ErrUnknownHash
}

// isSlow tells whether a hash takes so long that a right password is worth remembering.
func isSlow(hash string) bool {
	return isBcrypt(hash) || strings.HasPrefix(hash, "$5$") || strings.HasPrefix(hash, "$6$")
}

func isBcrypt(hash string) bool {
	return strings.HasPrefix(hash, "$2a$") || strings.HasPrefix(hash, "$2b$") || strings.HasPrefix(hash, "$2y$")
}

// equal compares in a time that depends on the lengths alone.
func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// matchesSHA compares with base64 of SHA-1, and of the salt behind it.
func matchesSHA(text string, password []byte, salted bool) (bool, error) {
	want, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(want) < sha1.Size || !salted && len(want) != sha1.Size {
		return false, nil // as in NGINX, nothing has such a hash
	}
	h := sha1.New()
	h.Write(password)
	h.Write(want[sha1.Size:])
	return equal(want[:sha1.Size], h.Sum(nil)), nil
}

func matchesBcrypt(hash string, password []byte) (bool, error) {
	switch err := bcrypt.CompareHashAndPassword([]byte(hash), password); {
	case err == nil:
		return true, nil
	case errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		return false, nil
	default:
		return false, ErrUnknownHash
	}
}

// digits are those of crypt(3)'s base 64.
const digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// append64 appends n digits of v, the lowest first.
func append64(b []byte, v uint32, n int) []byte {
	for range n {
		b = append(b, digits[v&63])
		v >>= 6
	}
	return b
}
