package conf

import (
	"fmt"
	"slices"
	"strings"
)

// Checks of arguments that many directives share. Their names are those of NGINX's slots; the type each returns is what
// Directive.Value holds.

// Words of a list are compared without case, as NGINX compares them, and are an argument in the spelling of the list from then on:
// who reads Args need not think of it.

// onOff makes a bool of "on" or "off".
func onOff(c *checker, d *Directive) any {
	if word := lower(d.Args[0]); word == "on" || word == "off" {
		d.Args[0] = word
		return word == "on"
	}
	c.errorf(d, 1, `invalid value "%s" in "%s" directive, it must be "on" or "off"`, d.Args[0], d.Name)
	return nil
}

// number makes an int64.
func number(c *checker, d *Directive) any {
	n, ok := ParseNumber(d.Args[0])
	if !ok {
		c.wrong(d, 1, "invalid number")
		return nil
	}
	return n
}

// numberFrom makes an int64 between two bounds, both included.
func numberFrom(low, high int64) func(*checker, *Directive) any {
	return func(c *checker, d *Directive) any {
		n, ok := number(c, d).(int64)
		if ok && (n < low || n > high) {
			c.errorf(d, 1, "value must be between %d and %d", low, high)
			return nil
		}
		return n
	}
}

// size makes an int64 of bytes, offset one that may be in gigabytes.
func size(c *checker, d *Directive) any {
	return parsed(c, d, ParseSize, "a number of bytes, with k or m")
}
func offset(c *checker, d *Directive) any {
	return parsed(c, d, ParseOffset, "a number of bytes, with k, m or g")
}

// msec makes an int64 of milliseconds, sec one of seconds.
func msec(c *checker, d *Directive) any {
	return parsed(c, d, ParseMsec, "a time such as 500ms, 30s, 5m or 1h 30m")
}
func sec(c *checker, d *Directive) any {
	return parsed(c, d, ParseSec, "a time such as 30s, 5m, 1d or 1y")
}

func parsed(c *checker, d *Directive, parse func(string) (int64, bool), want string) any {
	n, ok := parse(d.Args[0])
	if !ok {
		c.wrong(d, 1, "invalid value").Hint = "it takes " + want
		return nil
	}
	return n
}

// poolSize is the size of a pool; 112 bytes is what NGINX needs for the pool itself.
func poolSize(c *checker, d *Directive) any {
	n, ok := size(c, d).(int64)
	switch {
	case !ok:
		return nil
	case n < 112:
		c.errorf(d, 1, "the pool size must be no less than %d", 112)
	case n%16 != 0:
		c.errorf(d, 1, "the pool size must be a multiple of %d", 16)
	}
	return n
}

// powerOfTwo is a size that is a power of two between two bounds.
func powerOfTwo(low, high int64) func(*checker, *Directive) any {
	return func(c *checker, d *Directive) any {
		n, ok := size(c, d).(int64)
		if !ok {
			return nil
		}
		if n < low || n > high || n&(n-1) != 0 {
			c.wrong(d, 1, fmt.Sprintf("must be %s", powers(low, high)))
			return nil
		}
		return n
	}
}

// powers lists the powers of two from low to high.
func powers(low, high int64) string {
	var list []string
	for n := low; n <= high; n *= 2 {
		text := itoa(int(n))
		if n >= 1024 {
			text = itoa(int(n/1024)) + "k"
		}
		list = append(list, text)
	}
	return strings.Join(list[:len(list)-1], ", ") + ", or " + list[len(list)-1]
}

// buffers makes Buffers.
func buffers(c *checker, d *Directive) any {
	b, ok := ParseBuffers(d.Args[0], d.Args[1])
	if !ok {
		c.wrong(d, 1, "invalid value").Hint = "it takes a number and a size, such as 8 4k"
		return nil
	}
	return b
}

// oneOf makes the index of the word in the list.
func oneOf(words ...string) func(*checker, *Directive) any {
	return func(c *checker, d *Directive) any {
		i := slices.Index(words, d.Args[0])
		if i < 0 {
			i = slices.IndexFunc(words, func(w string) bool { return lower(w) == lower(d.Args[0]) })
		}
		if i < 0 {
			c.badWord(d, 1, words)
			return nil
		}
		d.Args[0] = words[i]
		return i
	}
}

// wordSet makes a []string of the words, in the spelling of the list, each once.
func wordSet(words ...string) func(*checker, *Directive) any {
	return func(c *checker, d *Directive) any {
		var set []string
		for i, a := range d.Args {
			at := slices.IndexFunc(words, func(w string) bool { return lower(w) == lower(a) })
			if at < 0 {
				c.badWord(d, i+1, words)
				return nil
			}
			d.Args[i] = words[at]
			if slices.Contains(set, words[at]) {
				c.warnf(d, i+1, `duplicate value "%s"`, a)
				continue
			}
			set = append(set, words[at])
		}
		return set
	}
}

func (c *checker) badWord(d *Directive, i int, words []string) {
	c.errorf(d, i, `invalid value "%s"`, d.Args[i-1]).Hint = "it takes one of: " + strings.Join(words, ", ")
}

// Words that several modules share.
var (
	sslProtocols  = wordSet("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
	cacheMethods  = wordSet("GET", "HEAD", "POST")
	ignoreHeaders = wordSet("X-Accel-Redirect", "X-Accel-Expires", "X-Accel-Limit-Rate", "X-Accel-Buffering",
		"X-Accel-Charset", "Expires", "Cache-Control", "Set-Cookie", "Vary")

	proxyNextUpstream = wordSet("error", "timeout", "invalid_header", "non_idempotent", "http_500", "http_502", "http_503",
		"http_504", "http_403", "http_404", "http_429", "updating", "off")
	grpcNextUpstream = wordSet("error", "timeout", "invalid_header", "non_idempotent", "http_500", "http_502", "http_503",
		"http_504", "http_403", "http_404", "http_429", "off")
	fastcgiNextUpstream = wordSet("error", "timeout", "invalid_header", "non_idempotent", "http_500", "http_503", "http_403",
		"http_404", "http_429", "updating", "off")
	uwsgiNextUpstream     = fastcgiNextUpstream
	scgiNextUpstream      = fastcgiNextUpstream
	memcachedNextUpstream = wordSet("error", "timeout", "invalid_response", "not_found", "off")
	tunnelNextUpstream    = wordSet("error", "timeout", "off")
)

// access makes the mode bits of "user:rw group:r all:r", an int64.
func access(c *checker, d *Directive) any {
	mode, user := int64(0), int64(0o600)
	for i, a := range d.Args {
		who, what, _ := strings.Cut(a, ":")
		shift := map[string]int{"user": 6, "group": 3, "all": 0}
		right := map[string]int64{"r": 4, "rw": 6}
		s, ok := shift[who]
		if !ok || right[what] == 0 {
			c.errorf(d, i+1, `invalid value "%s"`, a).Hint = "it takes user:, group: and all: with r or rw"
			return nil
		}
		if who == "user" {
			user = 0
		}
		mode |= right[what] << s
	}
	return mode | user
}

// tempPath checks a directory with the digits of its levels.
func tempPath(c *checker, d *Directive) any {
	total := int64(0)
	for i, a := range d.Args[1:] {
		n, ok := ParseNumber(a)
		if !ok || n == 0 {
			c.wrong(d, i+2, "invalid value")
			return nil
		}
		total += n + 1
	}
	if total > 10+int64(len(d.Args)-1) {
		c.wrong(d, 2, "invalid value")
	}
	return nil
}

// variableSize checks a size that may hold variables.
func variableSize(c *checker, d *Directive) any {
	s, ok := c.value(d, 1)
	if !ok {
		return nil
	}
	if text, plain := s.Constant(); plain {
		if _, ok := ParseSize(text); !ok {
			c.wrong(d, 1, "invalid value")
		}
	}
	return s
}

// obsolete warns as NGINX does of a directive that does nothing any more.
func obsolete(c *checker, d *Directive) any {
	c.warnf(d, 0, `the "%s" directive is obsolete`, d.Name)
	return nil
}
