package conf

import "strings"

// Checks of the log module.

// LogFormat is the value of log_format.
type LogFormat struct {
	Name string
	// Escape is "default", "json" or "none".
	Escape string
	Script Script
}

func logFormat(c *checker, d *Directive) any {
	f := LogFormat{Name: d.Args[0], Escape: "default"}
	if c.http != nil && c.http.formats[f.Name] {
		c.errorf(d, 1, `duplicate "log_format" name "%s"`, f.Name)
		return nil
	}
	if c.http != nil {
		c.http.formats[f.Name] = true
	}
	parts := d.Args[1:]
	if text, ok := strings.CutPrefix(parts[0], "escape="); ok {
		if text != "json" && text != "none" && text != "default" {
			c.errorf(d, 2, `unknown log format escaping "%s"`, text).Hint = "it is one of: default, json, none"
			return nil
		}
		f.Escape, parts = text, parts[1:]
	}
	for i := range parts {
		s, ok := c.logText(d, len(d.Args)-len(parts)+i+1)
		if !ok {
			return nil
		}
		f.Script = append(f.Script, s...)
	}
	return f
}

// logText is value for a log format, which has no captures: "$1" would be a variable of that name.
func (c *checker) logText(d *Directive, i int) (Script, bool) {
	s, err := Compile(d.Args[i-1])
	if err == errVariableName {
		c.errorf(d, i, `invalid parameter "%s"`, d.Args[i-1][lastDollar(d.Args[i-1]):])
		return nil, false
	}
	if err != nil {
		c.errorf(d, i, "%s", err)
		return nil, false
	}
	for k := range s {
		if s[k].Capture > 0 {
			s[k] = Part{Variable: itoa(s[k].Capture)}
		}
		c.read(d, i, s[k].Variable)
	}
	return s, true
}

// lastDollar is where the first "$" without a name stands.
func lastDollar(s string) int {
	for i := range len(s) {
		if s[i] != '$' {
			continue
		}
		if _, _, err := variable(s[i:]); err != nil {
			return i
		}
	}
	return 0
}

// AccessLog is the value of access_log.
type AccessLog struct {
	Off bool
	// Target is a file, which may hold variables, or "syslog:...".
	Target Script
	Format string
	// Buffer is in bytes, Flush in milliseconds, Gzip a level; 0 is none.
	Buffer, Flush, Gzip int64
	If                  Script
}

func accessLog(c *checker, d *Directive) any {
	a := AccessLog{Format: "combined", Off: d.Args[0] == "off"}
	if a.Off {
		if len(d.Args) > 1 {
			c.errorf(d, 2, `invalid parameter "%s"`, d.Args[1])
			return nil
		}
		return a
	}
	var ok bool
	if a.Target, ok = c.value(d, 1); !ok {
		return nil
	}
	if len(d.Args) > 1 {
		a.Format = d.Args[1]
		if c.http != nil && !c.http.hasFormat(a.Format) {
			c.errorf(d, 2, `unknown log format "%s"`, a.Format).Hint = "log_format makes one, and must come before"
			return nil
		}
	}
	for i := 3; i <= len(d.Args); i++ {
		if !c.logOption(d, i, &a) {
			return nil
		}
	}
	return c.buffered(d, a)
}

func (h *httpState) hasFormat(name string) bool {
	if h.formats[name] {
		return true
	}
	for f := range h.formats {
		if strings.EqualFold(f, name) {
			return true
		}
	}
	return false
}

// logOption reads one parameter behind the format.
func (c *checker) logOption(d *Directive, i int, a *AccessLog) (ok bool) {
	arg := d.Args[i-1]
	key, text, is := strings.Cut(arg, "=")
	switch {
	case key == "buffer" && is:
		if a.Buffer, ok = ParseSize(text); !ok || a.Buffer == 0 {
			c.errorf(d, i, `invalid buffer size "%s"`, text)
			return false
		}
	case key == "flush" && is:
		if a.Flush, ok = ParseMsec(text); !ok || a.Flush == 0 {
			c.errorf(d, i, `invalid flush time "%s"`, text)
			return false
		}
	case key == "gzip":
		a.Gzip, ok = 1, true
		if is {
			a.Gzip, ok = ParseNumber(text)
		}
		if !ok || a.Gzip < 1 || a.Gzip > 9 {
			c.errorf(d, i, `invalid compression level "%s"`, text)
			return false
		}
		if a.Buffer == 0 {
			a.Buffer = 64 << 10
		}
	case key == "if" && is:
		a.If, ok = c.text(d, i, text)
		return ok
	default:
		c.errorf(d, i, `invalid parameter "%s"`, arg)
		return false
	}
	return true
}

// buffered checks what does not go together with a buffer.
func (c *checker) buffered(d *Directive, a AccessLog) any {
	file, plain := a.Target.Constant()
	switch {
	case a.Flush > 0 && a.Buffer == 0:
		c.errorf(d, 1, `no buffer is defined for access_log "%s"`, d.Args[0])
	case a.Buffer > 0 && !plain:
		c.errorf(d, 1, "buffered logs cannot have variables in name")
	case a.Buffer > 0 && strings.HasPrefix(file, "syslog:"):
		c.errorf(d, 1, "logs to syslog cannot be buffered")
	case !c.sameBuffer(file, a):
		c.errorf(d, 1, `access_log "%s" already defined with conflicting parameters`, d.Args[0])
	default:
		return a
	}
	return nil
}

// sameBuffer says whether a buffered log is like an earlier one of the same file.
func (c *checker) sameBuffer(file string, a AccessLog) bool {
	if a.Buffer == 0 || c.http == nil {
		return true
	}
	first, ok := c.http.buffers[file]
	c.http.buffers[file] = a
	return !ok || first.Buffer == a.Buffer && first.Flush == a.Flush && first.Gzip == a.Gzip
}
