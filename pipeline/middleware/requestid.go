package middleware

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// RequestID gives every request an identifier, for logs, for other services and for the client: 32 hexadecimal digits of
// random (NGINX's $request_id), or what the request brings along from somebody who is trusted. The response has it in the
// same field, and [GetRequestID] returns it.
//
// It is unique, not secret: it comes from the runtime's ChaCha8, which costs no system call.
type RequestID struct {
	// Header is the field; the default is X-Request-ID.
	Header string
	// Trust tells whose identifier is taken: [FromProxy] (with RealIP outside this middleware), [FromAnyone], or a function
	// of your own, which runs on the reactor. Nil trusts nobody: an identifier that clients choose is one that they can make collide.
	Trust func(c *pipeline.Ctx) bool

	name string
}

// MaxRequestID is the length in bytes of the longest identifier that is taken over.
const MaxRequestID = 200

// Load checks Header.
func (m *RequestID) Load(*pipeline.App) error {
	if m.name = m.Header; m.name == "" {
		m.name = "X-Request-ID"
	}
	if !http1.ValidFieldName(m.name) {
		return fmt.Errorf("middleware: RequestID: %q is no field name", m.name)
	}
	return nil
}

// ProcessRequest takes or makes the identifier.
func (m *RequestID) ProcessRequest(c *pipeline.Ctx) error {
	n := notesOf(c)
	if len(n.id) > 0 {
		return nil // another one did, or the request came this way before (pipeline.App.MountApp)
	}
	if m.Trust != nil && m.Trust(c) {
		if span, ok := c.Head.Lookup(c.HeadBytes(), m.name); ok && wellFormedID(span.Of(c.HeadBytes())) {
			n.id = append(n.id, span.Of(c.HeadBytes())...)
			return nil
		}
	}
	var random [16]byte
	binary.LittleEndian.PutUint64(random[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(random[8:], rand.Uint64())
	n.id = hex.AppendEncode(n.id, random[:])
	return nil
}

// ProcessResponse sends the identifier.
func (m *RequestID) ProcessResponse(c *pipeline.Ctx) error {
	if n := peek(c); n != nil && len(n.id) > 0 {
		return c.SetHeaderBytes(m.name, n.id)
	}
	return nil
}

// wellFormedID takes what other systems use: letters, digits and -_.:=+/@ (UUIDs, ULIDs, base64, trace contexts).
func wellFormedID(b []byte) bool {
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9', 'a' <= c|0x20 && c|0x20 <= 'z':
		case c == '-', c == '_', c == '.', c == ':', c == '=', c == '+', c == '/', c == '@':
		default:
			return false
		}
	}
	return len(b) > 0 && len(b) <= MaxRequestID
}

// GetRequestID returns the identifier of the request, "" when there is no RequestID middleware.
func GetRequestID(c *pipeline.Ctx) string {
	if n := peek(c); n != nil {
		return string(n.id)
	}
	return ""
}

// FromAnyone trusts every client. It is a RequestID.Trust.
func FromAnyone(*pipeline.Ctx) bool { return true }
