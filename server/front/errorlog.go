package front

import (
	"errors"
	"strconv"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
)

// errorLog is where a block writes its errors.
type errorLog struct {
	targets  []errlog.Target // none: those of main
	log      *errlog.Log     // nil until the logs are opened
	notFound bool            // log_not_found
}

// errorLog compiles error_log of a block; blocks that inherit it share it.
func (b *builder) errorLog(s *scope) *errorLog {
	var lines []*conf.Directive
	if list := s.all("error_log"); list != nil && list[0].Parent != nil {
		lines = list
	}
	key := logKey{notFound: s.on("log_not_found", true)}
	if lines != nil {
		key.first = lines[0]
	}
	if l := b.errorLogs[key]; l != nil {
		return l
	}
	l := &errorLog{targets: b.targets(lines), notFound: key.notFound}
	b.errorLogs[key] = l
	return l
}

type logKey struct {
	first    *conf.Directive
	notFound bool
}

// targets makes what package errlog opens of error_log directives.
func (b *builder) targets(lines []*conf.Directive) (list []errlog.Target) {
	for _, d := range lines {
		e, ok := d.Value.(conf.ErrorLog)
		if !ok {
			continue
		}
		level, _ := errlog.ParseLevel(e.Level)
		to := e.Target
		if isFile(to) {
			to = b.path(to)
		}
		list = append(list, errlog.Target{To: to, Level: level})
	}
	return list
}

// isFile tells whether a target of a log is a file.
func isFile(to string) bool {
	return to != "stderr" && len(to) > 0 && (len(to) < 7 || to[:7] != "syslog:" && to[:7] != "memory:")
}

// enabled tells whether lines of a level are written.
func (l *errorLog) enabled(level errlog.Level) bool {
	return l != nil && l.log != nil && l.log.Enabled(level)
}

// write appends a line about a request.
func (l *errorLog) write(r *request, level, text string) {
	n, ok := errlog.ParseLevel(level)
	if !ok || l == nil || l.log == nil || !l.log.Enabled(n) {
		return
	}
	l.log.Write(n, r.carrier.Number(), string(r.appendContext([]byte(text))))
}

// writeConn appends an error of a connection that has no request yet.
func (l *errorLog) writeConn(c *loop.Conn, text, address string) {
	if l == nil || l.log == nil || !l.log.Enabled(errlog.Error) {
		return
	}
	client := "unix:"
	if addr := c.Remote().Addr(); addr.IsValid() {
		client = addr.Unmap().String()
	}
	l.log.Write(errlog.Error, 0, text+", client: "+client+", server: "+address)
}

// appendContext appends what NGINX says of a request behind each line.
func (r *request) appendContext(b []byte) []byte {
	c := r.c
	b = append(b, ", client: "...)
	if addr := c.Remote().Addr(); addr.IsValid() {
		b = append(b, addr.Unmap().String()...)
	} else {
		b = append(b, "unix:"...)
	}
	b = append(append(b, ", server: "...), r.srv.name...)
	if head := c.HeadBytes(); len(head) >= int(c.Head.Target.End) && c.Head.Target.End > 0 {
		b = append(b, `, request: "`...)
		line := http1.Span{Start: c.Head.MethodSpan.Start, End: c.Head.Target.End}
		b = append(b, line.Of(head)...)
		b = append(b, " HTTP/1."...)
		b = append(strconv.AppendInt(b, int64(c.Head.Minor), 10), '"')
	}
	if r.sub {
		b = append(append(append(b, `, subrequest: "`...), c.PathView()...), '"')
	}
	if r.upstream != "" {
		b = append(append(append(b, `, upstream: "`...), r.upstream...), '"')
	}
	if host := c.HostBytes(); len(host) > 0 {
		b = append(append(append(b, `, host: "`...), host...), '"')
	}
	return b
}

// report writes an error to the error log, in NGINX's words where it has some.
func (r *request) report(err error, status int) {
	l := r.loc.log
	if l == nil || l.log == nil || !l.log.Enabled(errlog.Error) {
		return
	}
	var stacked *pipeline.PanicError
	if errors.As(err, &stacked) {
		l.write(r, "alert", stacked.Error()+"\n"+pipeline.FormatStack(stacked.Stack))
		return
	}
	if line, ok := err.(lineError); ok {
		l.write(r, "error", string(line))
		return
	}
	switch {
	case err == errForbiddenIndex:
		l.write(r, "error", `directory index of "`+r.filename()+`" is forbidden`)
	case err == errTooLarge:
		l.write(r, "error", "client intended to send too large body: "+strconv.FormatInt(r.c.Head.Length, 10)+" bytes")
	case err == errCycle:
		l.write(r, "error", `rewrite or internal redirection cycle while processing "`+r.c.Path()+`"`)
	case err == pipeline.ErrNotFound && r.phase == atContent && l.notFound:
		l.write(r, "error", `open() "`+r.filename()+`" failed (2: No such file or directory)`)
	case err == pipeline.ErrPermissionDenied && r.phase == atContent:
		l.write(r, "error", `open() "`+r.filename()+`" failed (13: Permission denied)`)
	case status < len(statusErrors) && err == error(&statusErrors[status]): // whoever answered with it has said why
	case status >= 500 && r.phase >= atTry: // hooks have said it themselves
		l.write(r, "error", err.Error())
	}
}

// reportRefused tells why a request was refused before anybody looked at it, or was not finished: what NGINX tells on the level info.
func (r *request) reportRefused(reason string) {
	l := r.loc.log
	if !l.enabled(errlog.Info) {
		return
	}
	switch r.c.Res().Status {
	case 408:
		reason = "client timed out (110: Connection timed out)"
	case 400, 405, 414, 417, 431, tooLargeHead, 501, 505:
		if reason == "client closed the connection" {
			reason = "client prematurely closed connection"
		} else {
			reason = "client sent invalid request (" + forOperators(errors.New(reason)) + ")"
		}
	default: // was told with its response
		return
	}
	if r.c.Head.Target.End == 0 {
		reason += " while reading client request line"
	} else {
		reason += " while reading client request headers"
	}
	l.write(r, "info", reason)
}

// filename returns the file that the URI means.
func (r *request) filename() string { return string(r.AppendFilename(r.c, nil)) }
