package health

import (
	"fmt"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// Directive is what a health_check directive says.
type Directive struct {
	Config
	// Match is the name of a match block, or empty. It hides Config's until the block is found.
	Match string
	// Start is for upstream.Config.Health.
	Start upstream.HealthStart
}

// ParseDirective reads the arguments of a health_check directive.
func ParseDirective(args []string) (Directive, error) {
	d := Directive{Start: upstream.HealthyAtFirst}
	mandatory, persistent := false, false
	for _, a := range args {
		switch a {
		case "mandatory":
			mandatory = true
		case "persistent":
			persistent = true
		default:
			if key, text, is := strings.Cut(a, "="); !is || !d.parameter(key, text) {
				return d, fmt.Errorf("invalid parameter %q", a)
			}
		}
	}
	switch {
	case mandatory && persistent:
		d.Start = upstream.MandatoryPersistent
	case mandatory:
		d.Start = upstream.Mandatory
	case persistent:
		return d, fmt.Errorf("invalid parameter %q without %q", "persistent", "mandatory")
	}
	return d, nil
}

// parameter reads one key=text and tells whether it is right.
func (d *Directive) parameter(key, text string) (ok bool) {
	switch key {
	case "interval":
		d.Interval, ok = parseTime(text)
		return ok && d.Interval > 0
	case "jitter":
		d.Jitter, ok = parseTime(text)
	case "fails":
		d.Fails, ok = parseCount(text, 1<<30)
	case "passes":
		d.Passes, ok = parseCount(text, 1<<30)
	case "port":
		d.Port, ok = parseCount(text, 65535)
	case "uri":
		d.URI = text
		return strings.HasPrefix(text, "/")
	case "match":
		d.Match = text
		return text != ""
	case "type":
		return text == "http"
	}
	return ok
}

func parseTime(text string) (time.Duration, bool) {
	ms, ok := conf.ParseMsec(text)
	return time.Duration(ms) * time.Millisecond, ok
}

// parseCount reads a number from 1 to most.
func parseCount(text string, most int64) (int, bool) {
	n, ok := conf.ParseNumber(text)
	return int(n), ok && n >= 1 && n <= most
}
