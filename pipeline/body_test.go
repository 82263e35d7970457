package pipeline

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// unread makes a Ctx whose body is still to be read from its client.
func unread(t *testing.T, body string, length int64) *Ctx {
	c := request(t, "POST /")
	c.transport = &wire{body: body}
	c.Head.Length = length
	return c
}

// What one reader has taken is not silently missing for the next.
func TestBodyIsReadOnce(t *testing.T) {
	for _, length := range []int64{10, -1} {
		c := unread(t, "0123456789", length)
		_, _ = io.ReadFull(c.BodyReader(), make([]byte, 4))
		if b, err := c.Body(); !errors.Is(err, ErrBodyRead) {
			t.Errorf("half read: %q %v", b, err)
		}
		if b, err := io.ReadAll(c.BodyReader()); string(b) != "456789" || err != nil {
			t.Errorf("the rest: %q %v", b, err)
		}
		if b, err := c.Body(); !errors.Is(err, ErrBodyRead) {
			t.Errorf("all read: %q %v", b, err)
		}
		c = unread(t, "0123456789", length)
		for range 2 {
			if b, err := c.Body(); string(b) != "0123456789" || err != nil {
				t.Errorf("%q %v", b, err)
			}
		}
		_, _ = io.ReadFull(c.BodyReader(), make([]byte, 4))
		if b, err := io.ReadAll(c.BodyReader()); string(b) != "456789" || err != nil {
			t.Errorf("%q %v", b, err)
		}
		if b, err := c.Body(); string(b) != "0123456789" || err != nil {
			t.Errorf("%q %v", b, err)
		}
	}
}

// The limit holds however the body came.
func TestBodyLimitHolds(t *testing.T) {
	for name, make := range map[string]func() *Ctx{
		"memory": func() *Ctx { c := unread(t, "", 10); c.SetBody([]byte("0123456789")); return c },
		"length": func() *Ctx { return unread(t, "0123456789", 10) },
		"chunks": func() *Ctx { return unread(t, "0123456789", -1) },
	} {
		for limit := range int64(12) {
			if limit == 0 {
				continue // the default
			}
			c := make()
			c.SetBodyLimit(limit)
			for range 2 {
				if _, err := c.Body(); errors.Is(err, ErrBodyTooLarge) != (limit < 10) {
					t.Errorf("%s, limit %d: %v", name, limit, err)
				}
			}
			c = make()
			c.SetBodyLimit(limit)
			var b strings.Builder
			if _, err := io.Copy(&b, c.BodyReader()); errors.Is(err, ErrBodyTooLarge) != (limit < 10) || int64(b.Len()) > limit {
				t.Errorf("%s, limit %d, reader: %v", name, limit, err)
			}
		}
	}
}
