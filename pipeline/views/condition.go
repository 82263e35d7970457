package views

import (
	"bytes"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Condition answers requests whose preconditions say so without the handler: 304 for what the client has, 412 for what is no
// longer as the client thinks (RFC 9110 section 13; Django: condition). etag and modified tell the state of what the request
// is for; either may be nil, "" and the zero time mean unknown, and an error is that of the view. An entity tag may come
// without its quotes. Responses to GET and HEAD get ETag and Last-Modified unless the handler has set them.
func Condition(etag func(*pipeline.Ctx) (string, error), modified func(*pipeline.Ctx) (time.Time, error)) Decorator {
	return func(next pipeline.Handler) pipeline.Handler {
		if unfit(next) {
			return next
		}
		return func(c *pipeline.Ctx) error {
			s, err := stateOf(c, etag, modified)
			if err != nil {
				return err
			}
			switch s.evaluate(c) {
			case 304:
				err = c.NoContent(304)
			case 412:
				err = c.AnswerError(errPrecondition)
			default:
				err = next(c)
			}
			if err != nil || !c.Answered() || !safe(c) {
				return err
			}
			return s.describe(c)
		}
	}
}

var errPrecondition error = &pipeline.Error{Status: 412}

// state is what a representation is known by.
type state struct {
	etag     string // quoted, "" if unknown
	modified int64  // seconds since 1970
	dated    bool
}

func stateOf(c *pipeline.Ctx, etag func(*pipeline.Ctx) (string, error), modified func(*pipeline.Ctx) (time.Time, error)) (s state, err error) {
	if etag != nil {
		if s.etag, err = etag(c); err != nil {
			return s, err
		}
		if s.etag != "" && !strings.HasSuffix(s.etag, `"`) {
			s.etag = `"` + s.etag + `"`
		}
	}
	if modified != nil {
		t, err := modified(c)
		if err != nil {
			return s, err
		}
		s.modified, s.dated = t.Unix(), !t.IsZero()
	}
	return s, nil
}

// describe sets the fields that tell the client.
func (s *state) describe(c *pipeline.Ctx) error {
	if s.dated && c.ResponseHeader("Last-Modified") == "" {
		if err := c.SetHeaderBytes("Last-Modified", http1.AppendDate(nil, s.modified)); err != nil {
			return err
		}
	}
	if s.etag != "" && c.ResponseHeader("ETag") == "" {
		return c.SetHeader("ETag", s.etag)
	}
	return nil
}

// evaluate decides in the order of RFC 9110 section 13.2.2: 304, 412, or 0 to go on. A date that cannot be parsed is as good
// as none.
func (s *state) evaluate(c *pipeline.Ctx) int {
	switch matched, has := s.listed(c, http1.IfMatch, false); {
	case has && !matched:
		return 412
	case !has:
		if t, ok := http1.ParseDate(c.HeaderBytes(http1.IfUnmodifiedSince)); ok && (!s.dated || s.modified > t) {
			return 412
		}
	}
	switch matched, has := s.listed(c, http1.IfNoneMatch, true); {
	case has && matched && safe(c):
		return 304
	case has && matched:
		return 412
	case !has && safe(c):
		if t, ok := http1.ParseDate(c.HeaderBytes(http1.IfModifiedSince)); ok && s.dated && s.modified <= t {
			return 304
		}
	}
	return 0
}

func safe(c *pipeline.Ctx) bool {
	return c.Head.Method == http1.MethodGet || c.Head.Method == http1.MethodHead
}

// listed tells whether any field of that id has the entity tag, and whether there is one with a tag at all.
func (s *state) listed(c *pipeline.Ctx, id http1.FieldID, weak bool) (matched, has bool) {
	for i := c.Head.Next(id, 0); i >= 0; i = c.Head.Next(id, i+1) {
		m, h := matchTags(c.Head.Fields[i].Value.Of(c.HeadBytes()), s.etag, weak)
		matched, has = matched || m, has || h
	}
	return matched, has
}

// matchTags goes through a list of entity tags, or "*", which stands for any representation there is. The weak comparison
// ignores W/; in the strong one a weak tag matches nothing (RFC 9110 section 8.8.3.2). What is no tag is passed over.
func matchTags(list []byte, etag string, weak bool) (matched, has bool) {
	if list = bytes.Trim(list, " \t"); len(list) == 1 && list[0] == '*' {
		return etag != "", true
	}
	opaque, isWeak := strings.CutPrefix(etag, "W/")
	for {
		list = bytes.TrimLeft(list, " \t,")
		tag, tagWeak := bytes.CutPrefix(list, []byte("W/"))
		n := tagLen(tag)
		rest := bytes.TrimLeft(tag[n:], " \t")
		if n > 0 && (len(rest) == 0 || rest[0] == ',') {
			has = true
			matched = matched || string(tag[:n]) == opaque && (weak || !isWeak && !tagWeak)
		}
		i := bytes.IndexByte(rest, ',')
		if i < 0 {
			return matched, has
		}
		list = rest[i:]
	}
}

// tagLen returns the length of the entity tag that b begins with, quotes included; 0 when there is none.
func tagLen(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	if i := bytes.IndexByte(b[1:], '"'); i >= 0 {
		return i + 2
	}
	return 0
}
