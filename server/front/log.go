package front

// Hot: writes a line for every request; no allocation, no defer.

import (
	"strings"

	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/script"
)

// accessLog is one access_log in effect.
type accessLog struct {
	file   *logFile       // nil for the others
	syslog *errlog.Syslog // a server
	cache  *logCache      // of files whose names have variables; nil opens one for each line
	name   value          // theirs
	format *logFormat
	cond   *value
}

// logFormat is a log_format.
type logFormat struct {
	line   *script.Script
	escape script.Escape
}

const combined = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`

// logFormats compiles log_format.
func (b *builder) logFormats(s *scope) {
	parts, _ := conf.Compile(combined) // a constant, and sound
	b.formats["combined"] = b.logFormat(conf.LogFormat{Script: parts})
	for _, d := range s.own["log_format"] {
		if f, ok := d.Value.(conf.LogFormat); ok {
			b.formats[strings.ToLower(f.Name)] = b.logFormat(f)
		}
	}
}

func (b *builder) logFormat(f conf.LogFormat) *logFormat {
	escape, _ := script.ParseEscape(f.Escape)
	return &logFormat{script.New(f.Script, b.table), escape}
}

// accessLogs compiles access_log; none at all is Options.AccessLog.
func (b *builder) accessLogs(s *scope) (list []accessLog) {
	lines := s.all("access_log")
	for _, d := range lines {
		a, _ := d.Value.(conf.AccessLog)
		if a.Off {
			return nil
		}
		name, plain := a.Target.Constant()
		l := accessLog{format: b.formats[strings.ToLower(a.Format)]}
		switch {
		case strings.HasPrefix(d.Args[0], "syslog:"):
			var err error
			l.syslog, err = b.logFiles.syslog(name)
			b.check(d, err)
		case plain:
			l.file = b.logFiles.get(b.path(name), int(a.Buffer), milliseconds(a.Flush), int(a.Gzip))
		default:
			l.name, l.cache = b.rooted(a.Target, false), b.logCache(s)
		}
		if len(a.If) > 0 {
			cond := b.script(a.If)
			l.cond = &cond
		}
		list = append(list, l)
	}
	if lines == nil {
		list = append(list, accessLog{file: b.logFiles.get(b.path(b.opt.AccessLog), 0, 0, 0), format: b.formats["combined"]})
	}
	return list
}

// accessLog writes the lines of a request; see server.Config.AccessLog.
func (rt *Runtime) accessLog(e *server.Entry) {
	r := requestOf(e.Ctx)
	r.beginBroken(rt)
	if e.Reason != "" {
		r.reportRefused(e.Reason)
	}
	if r.loc.post == nil || !r.loc.post.run(r) {
		r.logAccess()
	}
	if rt.meter != nil {
		rt.meter.count(r, e)
	}
}

// logAccess writes the lines of the request.
func (r *request) logAccess() {
	for i := range r.loc.logs {
		l := &r.loc.logs[i]
		if l.cond != nil {
			r.buf = l.cond.append(r.c, r.buf[:0])
			if len(r.buf) == 0 || string(r.buf) == "0" {
				continue
			}
		}
		r.buf = append(l.format.line.AppendLog(r.c, r.buf[:0], l.format.escape), '\n')
		switch {
		case l.file != nil:
			l.file.write(r.buf)
		case l.syslog != nil:
			l.syslog.Send(r.buf[:len(r.buf)-1])
		default:
			l.writeNamed(r)
		}
	}
}
