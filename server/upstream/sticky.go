package upstream

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// StickyKind is the first parameter of the sticky directive.
type StickyKind uint8

// What makes a client stay with its peer.
const (
	StickyCookie StickyKind = iota // a cookie that is set for the client; Request.Sticky is its value
	StickyRoute                    // the first of the variables that is not empty names the server's route
	StickyLearn                    // sessions that the servers create, remembered in a zone
)

// Forever is the parameter expires=max of a sticky cookie.
const Forever = time.Duration(1<<63 - 1)

// StickyConfig is the sticky directive. The values of its variables are given with each request: Request.Sticky,
// Outcome.Session and the arguments of AppendCookie.
type StickyConfig struct {
	Kind StickyKind
	// Lookup and Create are the variables that Request.Sticky and Outcome.Session come from, as they are written; New does not
	// need them.
	Lookup, Create []string

	// Cookie is the name of the cookie; the rest are its attributes. Expires is 0 without the parameter. Domain and SameSite
	// with variables ("$") are given to AppendCookie.
	Cookie           string
	Expires          time.Duration
	Domain, Path     string
	SameSite         string // strict, lax, none, or empty
	HTTPOnly, Secure bool

	// Zone names the memory of learn, of ZoneSize bytes: one session for each 256, as in NGINX. A session that was not
	// used for Timeout is forgotten; 0 is 10 minutes. Header: sessions are learned when the response head arrives, not when the
	// response is complete.
	Zone     string
	ZoneSize int
	Timeout  time.Duration
	Header   bool
}

const (
	defaultSessionTimeout = 10 * time.Minute // NGINX: timeout of sticky learn
	minZone               = 8 * 4096         // NGINX: the same
	maxZone               = 1 << 30          // four million sessions
)

// setSticky checks c and makes room for sessions.
func (g *Group) setSticky(c *StickyConfig) error {
	if c == nil {
		return nil
	}
	own := *c
	g.sticky = &own
	switch {
	case c.Kind > StickyLearn:
		return errors.New("unknown parameter of sticky")
	case c.Kind == StickyCookie && c.Cookie == "":
		return errors.New("empty cookie name")
	case c.SameSite != "" && !isSameSite(c.SameSite) && !strings.Contains(c.SameSite, "$"):
		return errors.New(`invalid "samesite" parameter value`)
	case c.Expires < 0:
		return errors.New(`invalid "expires" parameter value`)
	case c.Kind != StickyLearn:
		return nil
	case c.Zone == "":
		return errors.New(`"zone" parameter is not specified`)
	case c.ZoneSize > maxZone:
		return errors.New("invalid zone size")
	case c.ZoneSize < minZone:
		return fmt.Errorf("zone %q is too small", c.Zone)
	case c.Timeout < 0:
		return errors.New("invalid timeout")
	}
	if own.Timeout == 0 {
		g.sticky.Timeout = defaultSessionTimeout
	}
	g.sessions = newSessions(c.ZoneSize)
	return nil
}

// Sticky returns the sticky directive of the group, or nil. It must not be changed.
func (g *Group) Sticky() *StickyConfig { return g.sticky }

func isSameSite(s string) bool {
	return strings.EqualFold(s, "strict") || strings.EqualFold(s, "lax") || strings.EqualFold(s, "none")
}

// AppendCookie appends the value of the Set-Cookie field that makes the client stay with p. domain and sameSite replace those of the
// configuration when they are not nil, for parameters with variables; a wrong sameSite becomes "strict". Groups without a sticky
// cookie append nothing.
func (g *Group) AppendCookie(dst []byte, p *Peer, domain, sameSite []byte, now int64) []byte {
	c := g.sticky
	if c == nil || c.Kind != StickyCookie {
		return dst
	}
	dst = append(dst, c.Cookie...)
	dst = append(dst, '=')
	dst = append(dst, p.sid...)
	dst = c.appendExpires(dst, now)
	if domain == nil {
		dst = appendAttribute(dst, "; domain=", c.Domain)
	} else {
		dst = appendAttribute(dst, "; domain=", string(domain))
	}
	if c.HTTPOnly {
		dst = append(dst, "; httponly"...)
	}
	if c.Secure {
		dst = append(dst, "; secure"...)
	}
	switch {
	case sameSite == nil:
		dst = appendAttribute(dst, "; samesite=", c.SameSite)
	case len(sameSite) > 0 && !isSameSite(string(sameSite)):
		dst = append(dst, "; samesite=strict"...)
	default:
		dst = appendAttribute(dst, "; samesite=", string(sameSite))
	}
	return appendAttribute(dst, "; path=", c.Path)
}

func appendAttribute(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return append(append(dst, name...), value...)
}

// appendExpires writes dates as ngx_http_cookie_time does: with two digits of the year as far as they are read rightly.
func (c *StickyConfig) appendExpires(dst []byte, now int64) []byte {
	switch c.Expires {
	case 0:
		return dst
	case Forever:
		return append(dst, "; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000"...)
	}
	at := time.UnixMilli(now).Add(c.Expires).UTC()
	layout := "Mon, 02-Jan-06 15:04:05 GMT"
	if at.Year() > 2037 {
		layout = "Mon, 02-Jan-2006 15:04:05 GMT"
	}
	dst = at.AppendFormat(append(dst, "; expires="...), layout)
	return strconv.AppendInt(append(dst, "; max-age="...), int64(c.Expires/time.Second), 10)
}
