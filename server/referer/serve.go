package referer

// Hot: may be asked for every request; no allocation, no map, no defer.

import (
	"bytes"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// maxHost bounds the host of a referer in bytes, as in NGINX.
const maxHost = 256

// Append appends $invalid_referer: "1" for a request from elsewhere, nothing for a valid one. It is always found.
func (r *Referers) Append(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if r.Valid(c) {
		return dst, true
	}
	return append(dst, '1'), true
}

// Valid tells whether the request comes from where it may (ngx_http_referer_variable). Without any name everything does.
func (r *Referers) Valid(c *pipeline.Ctx) bool {
	if len(r.exact)+len(r.heads)+len(r.tails)+len(r.hosts)+len(r.urls) == 0 {
		return true
	}
	if !c.Head.Has(http1.Referer) {
		return r.none
	}
	url, ok := withoutScheme(c.HeaderBytes(http1.Referer))
	if !ok {
		return r.blocked
	}
	end := bytes.IndexAny(url, "/:")
	if end < 0 {
		end = len(url)
	}
	if end > maxHost {
		return false
	}
	var lower [maxHost]byte
	host := lower[:end]
	for i, b := range url[:end] {
		if b >= 'A' && b <= 'Z' {
			b |= 0x20
		}
		host[i] = b
	}
	if n := r.find(host); n != nil {
		path := url[len(url):]
		if i := bytes.IndexByte(url[end:], '/'); i >= 0 {
			path = url[end+i:]
		}
		return len(path) >= len(n.path) && string(path[:len(n.path)]) == n.path
	}
	// A copy would escape through the interface; case does not matter to the expressions.
	return matchAny(r.hosts, url[:end]) || matchAny(r.urls, url)
}

// withoutScheme returns what is behind http:// or https://. NGINX takes no URL that is shorter than "http://i.ru".
func withoutScheme(url []byte) ([]byte, bool) {
	switch {
	case len(url) < len("http://i.ru"):
		return nil, false
	case bytes.EqualFold(url[:7], []byte("http://")):
		return url[7:], true
	case bytes.EqualFold(url[:8], []byte("https://")):
		return url[8:], true
	}
	return nil, false
}

// find returns the name that has host: the exact one, or else that with the longest "*." part, or else that with the longest
// ".*" part.
func (r *Referers) find(host []byte) *name {
	if n := search(r.exact, host); n != nil {
		return n
	}
	for i := range host {
		if host[i] == '.' {
			if n := search(r.heads, host[i:]); n != nil {
				return n
			}
		}
	}
	for i := len(host) - 1; i > 0; i-- {
		if host[i] == '.' {
			if n := search(r.tails, host[:i+1]); n != nil {
				return n
			}
		}
	}
	return nil
}

// search finds text in a sorted list.
func search(list []name, text []byte) *name {
	lo, hi := 0, len(list)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		switch s := list[mid].text; {
		case s == string(text):
			return &list[mid]
		case s < string(text):
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil
}

func matchAny(list []Regexp, b []byte) bool {
	for _, re := range list {
		if re.Match(b) {
			return true
		}
	}
	return false
}
