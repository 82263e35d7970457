package userid

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Mode is the value of userid.
type Mode uint8

// The modes: Off does nothing, Log reads cookies only, V1 and On give them, in the forms of version 1 and 2.
const (
	Off Mode = iota
	Log
	V1
	On
)

// MaxExpires is the value of userid_expires max: the end of 2037.
const MaxExpires = time.Duration(1<<63 - 1)

// Config is what the directives say in one location.
type Config struct {
	Mode Mode
	// Name of the cookie (userid_name); the default is "uid".
	Name string
	// Domain (userid_domain) is not sent when it is empty or "none"; Path (userid_path) is "/" when it is empty.
	Domain, Path string
	// Expires is how long the client keeps the cookie (userid_expires); 0 means until it ends.
	Expires time.Duration
	// P3P is the value of the field of that name (userid_p3p); none when it is empty or "none".
	P3P string
	// Mark, a letter, a digit or "=", is put in place of the first padding of the cookie; a cookie without it is given again,
	// with it (userid_mark). 0 means off.
	Mark byte
	// Service is the number of the server in its cookies (userid_service); nil means 0 in version 1, and in version 2 its
	// address: the last four bytes of an IPv6 one, 0 for a unix socket.
	Service *uint32
	// Flags are of "secure", "httponly", "samesite=strict", "samesite=lax", "samesite=none" (userid_flags).
	Flags []string
	// Reset appends $uid_reset; it may be nil.
	Reset pipeline.Value
	// Log is told of cookies that are broken, with slog.LevelError, and of those that are reset, with 2 (NGINX's notice). It
	// may be nil, and must not block.
	Log func(c *pipeline.Ctx, level slog.Level, message string)
}

// UserID is a pipeline.ResponseHook that gives cookies. Any goroutine may use it.
type UserID struct {
	Config
	tail string // attributes behind the expiry
}

// knownFlags are sent in this order.
var knownFlags = []string{"secure", "httponly", "samesite=strict", "samesite=lax", "samesite=none"}

// New compiles c.
func New(c Config) (*UserID, error) {
	if c.Name == "" {
		c.Name = "uid"
	}
	if c.Path == "" {
		c.Path = "/"
	}
	if c.P3P == "none" {
		c.P3P = ""
	}
	if m := c.Mark; m != 0 && m != '=' && !(m >= '0' && m <= '9' || m|0x20 >= 'a' && m|0x20 <= 'z') {
		return nil, fmt.Errorf(`userid: invalid "userid_mark" value %q`, string(m))
	}
	u := &UserID{Config: c}
	if c.Domain != "" && c.Domain != "none" {
		u.tail = "; domain=" + c.Domain
	}
	u.tail += "; path=" + c.Path
	for _, f := range knownFlags {
		if slices.Contains(c.Flags, f) {
			u.tail += "; " + f
		}
	}
	for _, f := range c.Flags {
		if !slices.Contains(knownFlags, f) {
			return nil, fmt.Errorf("userid: invalid flag %q", f)
		}
	}
	if !http1.ValidFieldValue(u.tail+c.Name+c.P3P) || strings.ContainsAny(c.Name, "=; ") {
		return nil, fmt.Errorf("userid: cookie %q%s cannot be sent", c.Name, u.tail)
	}
	return u, nil
}

// start is the number of this process.
var start = uint32(time.Now().Nanosecond()/20_000)<<16 | uint32(os.Getpid())

// sequences of the two versions. They step by 0x100; version 2 begins above what version 1 can be mistaken for.
var (
	sequence1 atomic.Uint32
	sequence2 atomic.Uint32
)

const (
	firstV1 = 1
	firstV2 = 0x03030302
)

// next makes a new cookie for a request: the bytes as they are in it (ngx_http_userid_create_uid).
func (u *UserID) next(c *pipeline.Ctx) (id [16]byte) {
	now, _ := c.Transport().Date()
	if u.Mode == V1 {
		if u.Service != nil {
			binary.LittleEndian.PutUint32(id[:], *u.Service)
		}
		binary.LittleEndian.PutUint32(id[4:], uint32(now))
		binary.LittleEndian.PutUint32(id[8:], start)
		binary.LittleEndian.PutUint32(id[12:], sequence1.Add(0x100)-0x100+firstV1)
		return id
	}
	if u.Service != nil {
		binary.BigEndian.PutUint32(id[:], *u.Service)
	} else {
		copy(id[:4], lastFour(c.Local().Addr()))
	}
	binary.BigEndian.PutUint32(id[4:], uint32(now))
	binary.BigEndian.PutUint32(id[8:], start)
	binary.BigEndian.PutUint32(id[12:], stepV2())
	return id
}

// stepV2 returns the next number of version 2, which never is below the first.
func stepV2() uint32 {
	for {
		old := sequence2.Load()
		n := max(old, firstV2)
		next := n + 0x100
		if next < firstV2 {
			next = firstV2
		}
		if sequence2.CompareAndSwap(old, next) {
			return n
		}
	}
}

// lastFour are the last four bytes of an address, none of a unix socket.
func lastFour(a netip.Addr) []byte {
	if !a.IsValid() {
		return nil
	}
	b := a.As16()
	return b[12:]
}
