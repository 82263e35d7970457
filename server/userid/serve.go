package userid

// Hot: runs for every response; no allocation for who has a cookie, no map, no defer.

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log/slog"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// shortest is how much of a cookie counts: base64 of 16 bytes without its padding.
const shortest = 22

// got is the cookie of a request.
type got struct {
	text []byte
	id   [16]byte
}

// has tells whether it was one: the sequence is never 0.
func (g *got) has() bool { return binary.LittleEndian.Uint32(g.id[12:]) != 0 }

// read finds the cookie and decodes it. What is broken is logged when tell is set.
func (u *UserID) read(c *pipeline.Ctx, tell bool) (g got) {
	g.text = c.CookieBytes(u.Name)
	if g.text == nil {
		return g
	}
	if len(g.text) < shortest {
		if tell {
			u.say(c, slog.LevelError, `client sent too short userid cookie "`+string(c.HeaderBytes(http1.Cookie))+`"`)
		}
		return g
	}
	digits := g.text[:shortest]
	if i := bytes.IndexByte(digits, '='); i >= 0 {
		digits = digits[:i]
	}
	var b [18]byte
	if _, err := base64.RawStdEncoding.Decode(b[:], digits); err != nil {
		if tell {
			u.say(c, slog.LevelError, `client sent invalid userid cookie "`+string(c.HeaderBytes(http1.Cookie))+`"`)
		}
		return g
	}
	copy(g.id[:], b[:16])
	return g
}

// set keeps the cookie that a request is given, so that the variable and the field are of one making.
type set struct {
	id    [16]byte
	reset bool
	none  bool // the client keeps the one it has
}

type setKey struct{}

// decide returns what the client is given. It is the same for all who ask about one request, at a time even.
func (u *UserID) decide(c *pipeline.Ctx) (g got, s *set) {
	main := c.Main()
	if s, ok := main.Get(setKey{}).(*set); ok {
		return u.read(main, false), s
	}
	g = u.read(main, true)
	s, _ = main.SetOnce(setKey{}, u.make(c, main, &g)).(*set)
	return g, s
}

// kept is the decision for clients that keep their cookie.
var kept = &set{none: true}

// make makes what the client of main is given. c asks, which is main or within it.
func (u *UserID) make(c, main *pipeline.Ctx, g *got) *set {
	if !g.has() {
		return &set{id: u.next(main)}
	}
	var reset []byte
	if u.Reset != nil {
		reset = u.Reset(c, nil)
	}
	if len(reset) > 0 && string(reset) != "0" {
		if string(reset) == "log" {
			u.say(c, 2, `userid cookie "`+string(u.text(nil, &g.id))+`" was reset`)
		}
		return &set{id: u.next(main), reset: true}
	}
	if u.Mark == 0 || len(g.text) > shortest+1 && g.text[shortest] == u.Mark && g.text[shortest+1] == '=' {
		return kept
	}
	return &set{id: g.id}
}

// ProcessResponse gives the client its cookie.
func (u *UserID) ProcessResponse(c *pipeline.Ctx) error {
	if u.Mode < V1 || c.IsSubrequest() {
		return nil
	}
	g, s := u.decide(c)
	if s.none {
		return nil
	}
	b := append(make([]byte, 0, 128), u.Name...)
	b = append(b, '=')
	if !g.has() || s.reset {
		b = base64.StdEncoding.AppendEncode(b, s.id[:])
		if u.Mark != 0 {
			b[len(b)-2] = u.Mark
		}
	} else {
		b = append(append(b, g.text[:shortest]...), u.Mark, '=')
	}
	b = u.appendExpires(b, c)
	b = append(b, u.tail...)
	if err := c.AddHeader("Set-Cookie", string(b)); err != nil {
		return err
	}
	if u.P3P != "" {
		return c.AddHeader("P3P", u.P3P)
	}
	return nil
}

// appendExpires appends the expiry in the form of cookies: with dashes, and years of two digits up to 2037.
func (u *UserID) appendExpires(b []byte, c *pipeline.Ctx) []byte {
	if u.Expires == 0 {
		return b
	}
	if u.Expires == MaxExpires {
		return append(b, "; expires=Thu, 31-Dec-37 23:55:55 GMT"...)
	}
	now, _ := c.Transport().Date()
	t := time.Unix(now+int64(u.Expires/time.Second), 0).UTC()
	layout := "; expires=Mon, 02-Jan-06 15:04:05 GMT"
	if t.Year() > 2037 {
		layout = "; expires=Mon, 02-Jan-2006 15:04:05 GMT"
	}
	return t.AppendFormat(b, layout)
}

// AppendGot appends $uid_got; false means that it is not found.
func (u *UserID) AppendGot(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if u.Mode == Off {
		return dst, false
	}
	g := u.read(c.Main(), false)
	if !g.has() {
		return dst, false
	}
	return u.text(dst, &g.id), true
}

// AppendSet appends $uid_set; false means that it is not found.
func (u *UserID) AppendSet(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if u.Mode < V1 {
		return dst, false
	}
	_, s := u.decide(c)
	if s.none {
		return dst, false
	}
	return u.text(dst, &s.id), true
}

// text appends the name and the four numbers.
func (u *UserID) text(dst []byte, id *[16]byte) []byte {
	dst = append(append(dst, u.Name...), '=')
	for i := 0; i < len(id); i += 4 {
		dst = append(dst, fmt.Sprintf("%08X", binary.LittleEndian.Uint32(id[i:]))...)
	}
	return dst
}

func (u *UserID) say(c *pipeline.Ctx, level slog.Level, message string) {
	if u.Log != nil {
		u.Log(c, level, message)
	}
}
