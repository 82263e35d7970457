package views

import (
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
	switch c.Head.MatchETags(c.HeadBytes(), http1.IfMatch, s.etag, false) {
	case http1.TagUnmatched:
		return 412
	case http1.NoTags:
		if t, ok := http1.ParseDate(c.HeaderBytes(http1.IfUnmodifiedSince)); ok && (!s.dated || s.modified > t) {
			return 412
		}
	}
	match := c.Head.MatchETags(c.HeadBytes(), http1.IfNoneMatch, s.etag, true)
	switch {
	case match == http1.TagMatched && safe(c):
		return 304
	case match == http1.TagMatched:
		return 412
	case match == http1.NoTags && safe(c):
		if t, ok := http1.ParseDate(c.HeaderBytes(http1.IfModifiedSince)); ok && s.dated && s.modified <= t {
			return 304
		}
	}
	return 0
}

func safe(c *pipeline.Ctx) bool {
	return c.Head.Method == http1.MethodGet || c.Head.Method == http1.MethodHead
}
