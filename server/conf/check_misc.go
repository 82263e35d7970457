package conf

import (
	"slices"
	"strings"
)

// Checks of single directives of modules that make content or filter it.

// aio checks "on", "off", "threads" and "threads=pool".
func aio(c *checker, d *Directive) any {
	a := d.Args[0]
	if pool, ok := strings.CutPrefix(a, "threads="); ok {
		if s, ok := c.text(d, 1, pool); ok {
			if name, plain := s.Constant(); plain {
				c.poolUses = append(c.poolUses, use{name, d, 1})
			}
		}
		return a
	}
	if a != "on" && a != "off" && a != "threads" {
		c.wrong(d, 1, "invalid value").Hint = "it takes on, off, threads or threads=POOL"
		return nil
	}
	return a
}

// DisableSymlinks is the value of disable_symlinks: "off", "on" or "if_not_owner", and where the check begins.
type DisableSymlinks struct {
	Mode string
	From Script
}

func disableSymlinks(c *checker, d *Directive) any {
	var v DisableSymlinks
	from := false
	for i, a := range d.Args {
		text, is := strings.CutPrefix(a, "from=")
		switch {
		case is:
			var ok bool
			if v.From, ok = c.text(d, i+1, text); !ok {
				return nil
			}
			from = true
		case a == "off" || a == "on" || a == "if_not_owner":
			v.Mode = a
		default:
			c.errorf(d, i+1, `invalid parameter "%s"`, a)
			return nil
		}
	}
	switch {
	case v.Mode == "":
		c.errorf(d, 0, `"%s" must have "off", "on" or "if_not_owner" parameter`, d.Name)
	case len(d.Args) == 2 && !from:
		c.errorf(d, 2, `duplicate parameters "%s %s"`, d.Args[0], d.Args[1])
	case from && v.Mode == "off":
		c.errorf(d, 2, `"from=" cannot be used with "off" parameter`)
	default:
		return v
	}
	return nil
}

// bindAddress checks `address [transparent]` and "off".
func bindAddress(c *checker, d *Directive) any {
	if len(d.Args) == 1 && d.Args[0] == "off" {
		return nil
	}
	s, ok := c.value(d, 1)
	if !ok {
		return nil
	}
	if text, plain := s.Constant(); plain {
		host, _, _, fault := hostPort(text, false)
		if _, notIP := cidr(host); fault != "" || notIP != "" {
			c.errorf(d, 1, `invalid address "%s"`, text)
			return nil
		}
	}
	if len(d.Args) == 2 && d.Args[1] != "transparent" {
		c.errorf(d, 2, `invalid parameter "%s"`, d.Args[1])
		return nil
	}
	return s
}

// useridMark checks "off" or one character.
func useridMark(c *checker, d *Directive) any {
	a := d.Args[0]
	if a != "off" && (len(a) != 1 || a != "=" && (!isNameByte(a[0]) || a == "_")) {
		c.wrong(d, 1, `value must be "off" or a single letter, digit or "="`)
		return nil
	}
	return a
}

// useridExpires checks "max", "off" or a time.
func useridExpires(c *checker, d *Directive) any {
	if a := d.Args[0]; a == "max" || a == "off" {
		return a
	}
	return sec(c, d)
}

// openLogFileCache checks max=, inactive=, min_uses=, valid= and off.
// LogFileCache is the value of open_log_file_cache: a number of files, and times in seconds. Max is 0 for "off".
type LogFileCache struct{ Max, MinUses, Inactive, Valid int64 }

func openLogFileCache(c *checker, d *Directive) any {
	cache, off := LogFileCache{MinUses: 1, Inactive: 10, Valid: 60}, false
	for i, a := range d.Args {
		key, text, is := strings.Cut(a, "=")
		ok := a == "off"
		switch off = off || ok; {
		case key == "max" && is:
			cache.Max, ok = ParseNumber(text)
			ok = ok && cache.Max > 0
		case key == "min_uses" && is:
			cache.MinUses, ok = ParseNumber(text)
		case key == "inactive" && is:
			cache.Inactive, ok = ParseSec(text)
		case key == "valid" && is:
			cache.Valid, ok = ParseSec(text)
		}
		if !ok {
			c.errorf(d, i+1, `invalid "open_log_file_cache" parameter "%s"`, a)
			return nil
		}
	}
	switch {
	case off:
		return LogFileCache{}
	case cache.Max == 0:
		c.errorf(d, 0, `"open_log_file_cache" must have "max" parameter`)
		return nil
	}
	return cache
}

// Expires is the value of expires.
type Expires struct {
	// Kind is "epoch", "max", "off", "access", "modified", "daily", or "" when Text holds variables.
	Kind string
	// Seconds is the time from now or from the file's; of the day for "daily".
	Seconds int64
	Text    Script
}

func expires(c *checker, d *Directive) any {
	i, kind := len(d.Args), "access"
	if i == 2 {
		if kind = d.Args[0]; kind != "modified" {
			c.wrong(d, 1, "invalid value")
			return nil
		}
	}
	s, ok := c.value(d, i)
	if !ok {
		return nil
	}
	text, plain := s.Constant()
	switch {
	case !plain:
		return Expires{Text: s}
	case i == 1 && slices.Contains([]string{"epoch", "max", "off"}, text):
		return Expires{Kind: text}
	case i == 2 && strings.HasPrefix(text, "@"):
		c.wrong(d, i, `daily time cannot be used with "modified" parameter`)
		return nil
	case strings.HasPrefix(text, "@"):
		kind = "daily"
	}
	e := Expires{Kind: kind}
	minus := strings.HasPrefix(text, "-")
	if text != "" && strings.IndexByte("+-@", text[0]) >= 0 {
		text = text[1:]
	}
	if e.Seconds, ok = ParseSec(text); !ok {
		c.wrong(d, i, "invalid value").Hint = "it takes a time such as 30d, -1, @15h30m, epoch, max or off"
		return nil
	}
	if kind == "daily" && e.Seconds > 24*60*60 {
		c.wrong(d, i, `daily time value must be less than 24 hours`)
		return nil
	}
	if minus {
		e.Seconds = -e.Seconds
	}
	return e
}
