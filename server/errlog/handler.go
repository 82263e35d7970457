package errlog

import (
	"context"
	"log/slog"
	"strconv"
)

// Handler returns a handler that writes records to l. The attribute "error" follows the message as NGINX writes errors of
// the operating system, "connection" (a number) stands before it; all others follow as `key: value`, strings in
// quotes, but those of "client" and "server".
func (l *Log) Handler() slog.Handler { return &handler{log: l} }

type handler struct {
	log   *Log
	conn  uint64
	attrs []byte // ready text of the attributes so far
	cause []byte
	group string
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return h.log.Enabled(fromSlog(level))
}

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	to := h.clone()
	r.Attrs(func(a slog.Attr) bool {
		to.add(a)
		return true
	})
	text := append(append([]byte(r.Message), to.cause...), to.attrs...)
	h.log.Write(fromSlog(r.Level), to.conn, string(text))
	return nil
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	to := h.clone()
	for _, a := range attrs {
		to.add(a)
	}
	return to
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	to := h.clone()
	to.group += name + "."
	return to
}

// clone returns a handler that can be added to without touching h.
func (h *handler) clone() *handler {
	to := *h
	to.attrs = h.attrs[:len(h.attrs):len(h.attrs)]
	to.cause = h.cause[:len(h.cause):len(h.cause)]
	return &to
}

// add puts one attribute where it belongs.
func (h *handler) add(a slog.Attr) {
	v := a.Value.Resolve()
	if a.Equal(slog.Attr{}) {
		return
	}
	if err, ok := v.Any().(error); ok && a.Key == "error" && h.group == "" {
		h.cause = append(append(h.cause, ' '), Errno(err)...)
		return
	}
	if v.Kind() == slog.KindUint64 && a.Key == "connection" {
		h.conn = v.Uint64()
		return
	}
	if v.Kind() == slog.KindGroup {
		inner := *h
		if a.Key != "" {
			inner.group += a.Key + "."
		}
		for _, m := range v.Group() {
			inner.add(m)
		}
		h.attrs, h.cause, h.conn = inner.attrs, inner.cause, inner.conn
		return
	}
	h.attrs = append(h.attrs, ", "...)
	h.attrs = append(append(h.attrs, h.group...), a.Key...)
	h.attrs = append(h.attrs, ": "...)
	if v.Kind() == slog.KindString && a.Key != "client" && a.Key != "server" {
		h.attrs = append(append(append(h.attrs, '"'), v.String()...), '"')
		return
	}
	h.attrs = appendValue(h.attrs, v)
}

func appendValue(dst []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindInt64:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case slog.KindUint64:
		return strconv.AppendUint(dst, v.Uint64(), 10)
	}
	return append(dst, v.String()...)
}
