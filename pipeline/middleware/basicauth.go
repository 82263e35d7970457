package middleware

// Hot: runs for every request; no allocation, no map, no defer. Strings for a Check are allocated.

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// BasicAuth asks for a user name and a password (RFC 7617; NGINX auth_basic). Without the right ones the answer is 401
// with a challenge, as the page of App.ErrorHandler(401). [BasicAuthUser] returns the name. Passwords travel readable:
// use it over TLS only.
type BasicAuth struct {
	// Realm is shown to the user; the default is "Restricted".
	Realm string
	// Users are names with their passwords. They are compared by digests in constant time, all of them for every request:
	// it is for dozens of users, not thousands.
	Users map[string]string
	// Check tells whether a name and a password are right; it is asked when Users has no such pair. It may block, so with
	// a Check the middleware runs on a worker, and requests with it; CheckInline says that it is as quick as a lookup in
	// memory, and keeps everything on the reactor.
	Check       func(user, password string) bool
	CheckInline bool

	challenge string
	users     []userDigest
}

type userDigest struct{ user, password [sha256.Size]byte }

var errUnauthorized = &pipeline.Error{Status: 401}

// Load compiles the challenge and the users.
func (m *BasicAuth) Load(*pipeline.App) error {
	if len(m.Users) == 0 && m.Check == nil {
		return errors.New("middleware: BasicAuth has neither Users nor Check")
	}
	realm := m.Realm
	if realm == "" {
		realm = "Restricted"
	}
	if !http1.ValidFieldValue(realm) {
		return fmt.Errorf("middleware: BasicAuth: realm %q", realm)
	}
	realm = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(realm)
	m.challenge = `Basic realm="` + realm + `", charset="UTF-8"`
	users := make([]userDigest, 0, len(m.Users))
	for user, password := range m.Users {
		if user == "" || strings.Contains(user, ":") {
			return fmt.Errorf("middleware: BasicAuth: %q cannot be a user name", user) // RFC 7617 section 2
		}
		users = append(users, userDigest{sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))})
	}
	m.users = users
	return nil
}

// NeedsWorker tells whether Check may block.
func (m *BasicAuth) NeedsWorker() bool { return m.Check != nil && !m.CheckInline }

// ProcessRequest lets a request with the right credentials pass.
func (m *BasicAuth) ProcessRequest(c *pipeline.Ctx) error {
	n := notesOf(c)
	n.user = n.user[:0]
	decoded, ok := decodeBasic(n.line[:0], c.HeaderBytes(http1.Authorization))
	n.line = decoded
	if colon := bytes.IndexByte(decoded, ':'); ok && colon > 0 && !hasControl(decoded) {
		if m.accepts(decoded[:colon], decoded[colon+1:]) {
			n.user = append(n.user, decoded[:colon]...)
		}
	}
	clear(decoded) // a password must not stay in pooled memory
	if len(n.user) > 0 {
		return nil
	}
	if err := c.AnswerError(errUnauthorized); err != nil {
		return err
	}
	return c.SetHeader("WWW-Authenticate", m.challenge)
}

func (m *BasicAuth) accepts(user, password []byte) bool {
	u, p := sha256.Sum256(user), sha256.Sum256(password)
	found := 0
	for i := range m.users {
		d := &m.users[i]
		found |= subtle.ConstantTimeCompare(d.user[:], u[:]) & subtle.ConstantTimeCompare(d.password[:], p[:])
	}
	return found == 1 || m.Check != nil && m.Check(string(user), string(password))
}

// decodeBasic appends the decoded credentials of an Authorization value to b.
func decodeBasic(b, value []byte) ([]byte, bool) {
	const scheme = "Basic "
	if len(value) < len(scheme) || !bytes.EqualFold(value[:len(scheme)], []byte(scheme)) {
		return b, false
	}
	b, err := base64.StdEncoding.AppendDecode(b, bytes.TrimLeft(value[len(scheme):], " "))
	return b, err == nil
}

// hasControl tells whether b has control characters, which neither part may have (RFC 7617 section 2).
func hasControl(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c == 0x7f {
			return true
		}
	}
	return false
}

// BasicAuthUser returns the name that BasicAuth has accepted, or "".
func BasicAuthUser(c *pipeline.Ctx) string {
	if n := peek(c); n != nil {
		return string(n.user)
	}
	return ""
}
