package headers

import (
	"errors"
	"strconv"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/filter"
)

// Kind is a form of expires.
type Kind uint8

// The forms of expires.
const (
	Off      Kind = iota // nothing is set
	Epoch                // "epoch": long ago, no-cache
	Max                  // "max": in 2037, ten years
	Access               // a time from now
	Modified             // "modified" and a time from when the file was modified, or else from now
	Daily                // "@" and a time of the day
)

// Expires is the argument of expires.
type Expires struct {
	Kind Kind
	// Seconds from now, from when the file was modified, or from midnight.
	Seconds int64
	// Value appends the argument when it contains variables; Kind is then Modified for "expires modified $variable" and
	// anything but Off for "expires $variable", and Seconds is 0. What comes out wrong sets nothing.
	Value filter.Value
}

// ParseExpires reads the argument of expires; modified says that the word "modified" stands before it.
func ParseExpires(text string, modified bool) (Expires, error) {
	e := Expires{Kind: Access}
	if modified {
		e.Kind = Modified
	} else {
		switch text {
		case "epoch":
			return Expires{Kind: Epoch}, nil
		case "max":
			return Expires{Kind: Max}, nil
		case "off":
			return Expires{}, nil
		}
	}
	minus := false
	if text != "" {
		switch text[0] {
		case '@':
			if modified {
				return e, errors.New(`headers: daily time cannot be used with "modified" parameter`)
			}
			e.Kind, text = Daily, text[1:]
		case '+', '-':
			minus, text = text[0] == '-', text[1:]
		}
	}
	n, ok := conf.ParseSec(text)
	switch {
	case !ok:
		return e, errors.New("headers: invalid value")
	case e.Kind == Daily && n > 24*60*60:
		return e, errors.New("headers: daily time value must be less than 24 hours")
	case minus:
		n = -n
	}
	e.Seconds = n
	return e, nil
}

// set sets Expires and Cache-Control.
func (e *Expires) set(c *pipeline.Ctx) {
	if e.Value == nil {
		e.apply(c)
		return
	}
	s := filter.GetScratch()
	s.B = e.Value(c, s.B)
	now, err := ParseExpires(string(s.B), e.Kind == Modified)
	s.Put()
	if err == nil && now.Kind != Off {
		now.apply(c)
	}
}

func (e *Expires) apply(c *pipeline.Ctx) {
	switch e.Kind {
	case Epoch:
		setBoth(c, "Thu, 01 Jan 1970 00:00:01 GMT", "no-cache")
		return
	case Max:
		setBoth(c, "Thu, 31 Dec 2037 23:55:55 GMT", "max-age=315360000")
		return
	}
	now, _ := c.Transport().Date()
	at := now + e.Seconds
	switch {
	case e.Kind == Daily:
		at = nextTime(now, e.Seconds)
	case e.Kind == Modified && e.Seconds != 0:
		if modified, ok := http1.ParseDate([]byte(c.ResponseHeader("Last-Modified"))); ok {
			at = modified + e.Seconds
		}
	}
	var date, age [40]byte
	_ = c.SetHeaderBytes("Expires", http1.AppendDate(date[:0], at)) // both values are sound
	if e.Seconds < 0 || at < now {
		_ = c.SetHeader("Cache-Control", "no-cache")
		return
	}
	_ = c.SetHeaderBytes("Cache-Control", strconv.AppendInt(append(age[:0], "max-age="...), at-now, 10))
}

func setBoth(c *pipeline.Ctx, expires, control string) {
	_ = c.SetHeader("Expires", expires) // constants are sound
	_ = c.SetHeader("Cache-Control", control)
}

// nextTime returns when the local clock shows the given seconds since midnight for the next time.
func nextTime(now, seconds int64) int64 {
	t := time.Unix(now, 0)
	for day := t.Day(); ; day++ {
		next := time.Date(t.Year(), t.Month(), day, 0, 0, int(seconds), 0, time.Local).Unix()
		if next > now {
			return next
		}
	}
}
