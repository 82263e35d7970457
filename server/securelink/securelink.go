// Package securelink checks links that were made with a secret: NGINX's secure_link, secure_link_md5 and secure_link_secret.
//
// It refuses nothing by itself: it makes the variables $secure_link and $secure_link_expires, which a configuration looks at.
// MD5 is what the links of NGINX are made with; nobody can make one without the secret, but it is no modern MAC.
package securelink

// Hot: may be asked for every request; no allocation beyond dst, no map, no defer.

import (
	"bytes"
	"crypto/md5"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"math"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Config is what the directives say in one location: either Link and MD5, or Secret.
type Config struct {
	// Link appends the checksum that the request gives, as base64url, and perhaps "," and when it expires, in seconds since
	// 1970 (secure_link).
	Link pipeline.Value
	// MD5 appends the text whose MD5 sum the checksum must be (secure_link_md5).
	MD5 pipeline.Value
	// Secret is for links of the form "/prefix/hash/link", hash being the MD5 sum of link and secret in hexadecimal
	// (secure_link_secret).
	Secret string
}

// Link checks links. It is immutable and may be shared.
type Link struct {
	link, md5 pipeline.Value
	secret    string
	now       func() int64
}

// New compiles c. With one of Link and MD5 alone nothing is ever found, as in NGINX.
func New(c Config) (*Link, error) {
	if c.Secret != "" && (c.Link != nil || c.MD5 != nil) {
		return nil, errors.New(`securelink: "secure_link_secret" cannot be mixed with "secure_link" and "secure_link_md5"`)
	}
	return &Link{c.Link, c.MD5, c.Secret, func() int64 { return time.Now().Unix() }}, nil
}

// Append appends $secure_link: "1" for a link that is right, "0" for one that has expired; with Secret the link itself.
// False means that it is not found: the link is wrong.
func (l *Link) Append(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if l.secret != "" {
		return l.appendLink(c, dst)
	}
	if l.link == nil || l.md5 == nil {
		return dst, false
	}
	at := len(dst)
	sum, expires, ok := split(l.link(c, dst)[at:])
	if !ok || sum.len != md5.Size {
		return dst, false
	}
	seconds, ok := number(expires)
	if !ok {
		return dst, false
	}
	want := md5.Sum(l.md5(c, dst)[at:])
	switch {
	case subtle.ConstantTimeCompare(sum.b[:md5.Size], want[:]) != 1:
		return dst, false
	case expires != nil && seconds < l.now():
		return append(dst, '0'), true
	}
	return append(dst, '1'), true
}

// AppendExpires appends $secure_link_expires: when the link of the request expires, whether it is right or not.
func (l *Link) AppendExpires(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if l.secret != "" || l.link == nil || l.md5 == nil {
		return dst, false
	}
	at := len(dst)
	all := l.link(c, dst)
	i := bytes.IndexByte(all[at:], ',')
	if i < 0 {
		return dst, false
	}
	expires := all[at+i+1:]
	if _, ok := number(expires); !ok {
		return dst, false
	}
	return append(all[:at], expires...), true
}

// checksum is what base64 of at most 24 characters decodes to.
type checksum struct {
	b   [18]byte
	len int
}

// split takes a link apart: the checksum, and the text of its end, nil when there is none.
func split(link []byte) (sum checksum, expires []byte, ok bool) {
	if i := bytes.IndexByte(link, ','); i >= 0 {
		link, expires = link[:i], link[i+1:]
	}
	if len(link) > 24 {
		return sum, nil, false
	}
	if i := bytes.IndexByte(link, '='); i >= 0 {
		link = link[:i]
	}
	n, err := base64.RawURLEncoding.Decode(sum.b[:], link)
	sum.len = n
	return sum, expires, err == nil && bytes.IndexByte(link, '\n') < 0 && bytes.IndexByte(link, '\r') < 0
}

// number reads a decimal number above 0; nil, which is none, is right too.
func number(b []byte) (n int64, ok bool) {
	if b == nil {
		return 0, true
	}
	for _, c := range b {
		d := int64(c) - '0'
		if d < 0 || d > 9 || n > (math.MaxInt64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, n > 0
}

// appendLink checks a link with its hash in the path, as the request has sent it.
func (l *Link) appendLink(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	uri := c.HeadBytes()[c.Head.Path.Start:c.Head.Target.End]
	if len(uri) < 2 {
		return dst, false
	}
	prefix := bytes.IndexByte(uri[1:], '/')
	if prefix < 0 {
		return dst, false
	}
	rest := uri[prefix+2:]
	end := bytes.IndexByte(rest, '/')
	if end != 2*md5.Size || len(rest) == end+1 {
		return dst, false
	}
	var sum [md5.Size]byte
	for i := range sum {
		hi, lo := hex(rest[2*i]), hex(rest[2*i+1])
		if hi < 0 || lo < 0 {
			return dst, false
		}
		sum[i] = byte(hi<<4 | lo)
	}
	at, link := len(dst), rest[end+1:]
	all := append(append(dst, link...), l.secret...)
	want := md5.Sum(all[at:])
	clear(all[at+len(link):]) // the secret must not stay in a buffer of others
	if subtle.ConstantTimeCompare(sum[:], want[:]) != 1 {
		return dst, false
	}
	return all[:at+len(link)], true
}

// hex is the value of a hexadecimal digit, -1 for any other character.
func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
