package authbasic

import (
	"errors"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/pipeline"
)

// levelCrit is NGINX's crit, above slog's error.
const levelCrit = slog.LevelError + 4

var (
	errForbidden error = &pipeline.Error{Status: 403, Message: "authbasic: no user file"}
	errServer    error = &pipeline.Error{Status: 500, Message: "authbasic: user file"}
)

// unauthorized is a refusal with the realm to ask for.
type unauthorized struct{ realm string }

var err401 = &pipeline.Error{Status: 401, Message: "authbasic: no user, or a wrong password"}

// Error tells what is wrong.
func (*unauthorized) Error() string { return err401.Message }

// Unwrap gives the refusal its status.
func (*unauthorized) Unwrap() error { return err401 }

// Challenge adds WWW-Authenticate. A realm that cannot be sent asks for nothing.
func (u *unauthorized) Challenge(c *pipeline.Ctx) {
	_ = c.AddHeader("WWW-Authenticate", `Basic realm="`+u.realm+`"`)
}

// ProcessRequest lets requests with the right password pass.
func (a *Auth) ProcessRequest(c *pipeline.Ctx) error {
	if _, err := a.Access(c); err != nil {
		return c.Refuse(err)
	}
	return nil
}

// Access allows requests with the right password, refuses others with status 401, and has no opinion when the realm is off.
func (a *Auth) Access(c *pipeline.Ctx) (allowed bool, err error) {
	if c.IsSubrequest() {
		return false, nil
	}
	realm := string(a.realm(c, nil))
	if realm == "off" {
		return false, nil
	}
	user, password, ok := credentials(c, nil)
	if !ok {
		a.say(c, slog.LevelInfo, "no user/password was provided for basic authentication")
		return false, &unauthorized{realm}
	}
	path := string(a.userFile(c, nil))
	users, err := a.files.load(path)
	if err != nil {
		return false, a.unreadable(c, path, err)
	}
	return a.verify(c, users, string(user), password, realm, path)
}

// verify compares the password.
func (a *Auth) verify(c *pipeline.Ctx, users *userFile, user string, password []byte, realm, path string) (bool, error) {
	hash, known := users.hashes[user]
	if !known {
		_, _ = matches(users.first, password) // takes as long as a name that is known
		a.say(c, slog.LevelError, `user "`+printable(user)+`" was not found in "`+path+`"`)
		return false, &unauthorized{realm}
	}
	slow := isSlow(hash)
	if slow && a.right.has(user, hash, password) {
		return true, nil
	}
	switch ok, err := matches(hash, password); {
	case err != nil:
		a.say(c, slog.LevelError, `user "`+printable(user)+`" in "`+path+`": `+err.Error())
		return false, &unauthorized{realm}
	case !ok:
		a.say(c, slog.LevelError, `user "`+printable(user)+`": password mismatch`)
		return false, &unauthorized{realm}
	}
	if slow {
		a.right.add(user, hash, password)
	}
	return true, nil
}

// unreadable logs why a file cannot be read, in NGINX's words, and returns the refusal: 403 when there is none.
func (a *Auth) unreadable(c *pipeline.Ctx, path string, err error) error {
	level, refusal := levelCrit, errServer
	if errors.Is(err, os.ErrNotExist) {
		level, refusal = slog.LevelError, errForbidden
	}
	reason := err.Error()
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		text := errno.Error()
		reason = strconv.Itoa(int(errno)) + ": " + strings.ToUpper(text[:1]) + text[1:]
	}
	a.say(c, level, `open() "`+path+`" failed (`+reason+`)`)
	return refusal
}

// printable keeps what a terminal or a log would take for commands out of a name.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}
