package script

// Hot: variables of the request line and its fields; no allocation, no map, no defer.

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// appendURI finds an empty URI in a head that was refused, as NGINX does by now; 1.22 found none.
func appendURI(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return append(dst, c.PathView()...), true
}

// appendArgs finds no arguments, which a log shows as "-", where neither the client nor a rewrite has given any.
func appendArgs(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if s := current(c); s != nil && s.hasArgs {
		return append(dst, s.args...), true
	}
	query := c.QueryBytes()
	return append(dst, query...), len(query) > 0
}

func appendIsArgs(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if len(Args(c)) > 0 {
		dst = append(dst, '?')
	}
	return dst, true
}

func appendRequestURI(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return append(dst, requestURI(c)...), true
}

// appendRequestLine appends the request line as it was sent.
func appendRequestLine(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return append(dst, untilEOL(c, c.Head.MethodSpan.Start)...), true
}

// appendProtocol appends what follows the target in the request line; HTTP/1.1 of a request that came otherwise.
func appendProtocol(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return append(dst, bytes.TrimSpace(untilEOL(c, c.Head.Target.End))...), true
}

// untilEOL returns the bytes of the head from start to the end of the line.
func untilEOL(c *pipeline.Ctx, start uint32) []byte {
	head := c.HeadBytes()
	if int(start) > len(head) {
		return nil
	}
	line := head[start:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	return bytes.TrimSuffix(line, carriageReturn)
}

var carriageReturn = []byte{'\r'}

func appendMethod(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if m := c.Main().Head.Method; m != http1.MethodOther { // which an internal redirect may have made GET
		return append(dst, m.String()...), true
	}
	c = c.Main()
	return append(dst, c.Head.MethodSpan.Of(c.HeadBytes())...), true
}

// appendHost appends the host that the request is for without its port, in lower case, without a dot at the end.
func appendHost(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	host, _ := splitPort(c.HostBytes())
	if len(host) == 0 {
		return append(dst, EnvOf(c).ServerName()...), true
	}
	return appendLower(dst, host), true
}

// splitPort cuts "host:port"; an address in brackets keeps them.
func splitPort(authority []byte) (host, port []byte) {
	end := len(authority)
	if end > 0 && authority[0] == '[' {
		end = bytes.IndexByte(authority, ']') + 1
	} else if colon := bytes.IndexByte(authority, ':'); colon >= 0 {
		end = colon
	}
	host, port = authority[:end], authority[end:]
	if len(port) > 0 {
		port = port[1:]
	}
	if n := len(host) - 1; n >= 0 && host[n] == '.' {
		host = host[:n]
	}
	return host, port
}

func appendLower(dst, b []byte) []byte {
	for _, ch := range b {
		dst = append(dst, lower(ch))
	}
	return dst
}

func lower(ch byte) byte {
	if ch >= 'A' && ch <= 'Z' {
		ch |= 0x20
	}
	return ch
}

func appendRequestPort(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	_, port := splitPort(c.HostBytes())
	return append(dst, port...), true
}

func appendIsRequestPort(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if _, port := splitPort(c.HostBytes()); len(port) > 0 {
		dst = append(dst, ':')
	}
	return dst, true
}

func appendContentType(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	h, found := &c.Head, false
	for i := h.Next(http1.ContentType, 0); i >= 0; i = h.Next(http1.ContentType, i+1) {
		if found {
			dst = append(dst, ", "...)
		}
		dst, found = append(dst, h.Fields[i].Value.Of(c.HeadBytes())...), true
	}
	return dst, found
}

// appendContentLength appends what the client announced, or the length of chunked content that was read.
func appendContentLength(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if v := c.HeaderBytes(http1.ContentLength); v != nil {
		return append(dst, v...), true
	}
	if c.Head.Length < 0 && EnvOf(c).BodyRead() {
		if body, ok := c.BodyInMemory(); ok {
			return strconv.AppendInt(dst, int64(len(body)), 10), true
		}
		if n, ok := EnvOf(c).BodyLength(); ok {
			return strconv.AppendInt(dst, n, 10), true
		}
	}
	return dst, false
}

func appendRequestBody(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if env := EnvOf(c); !env.BodyRead() || env.BodyFile() != "" {
		return dst, false
	}
	body, ok := c.BodyInMemory()
	return append(dst, body...), ok && len(body) > 0
}

func appendRequestBodyFile(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	file := EnvOf(c).BodyFile()
	return append(dst, file...), file != ""
}

// requestField makes $http_name: all fields of a name, joined; "_" stands for "-".
func requestField(rest string) Getter {
	separator := ", "
	if rest == "cookie" {
		separator = "; "
	}
	id := http1.LookupField([]byte(strings.ReplaceAll(rest, "_", "-")))
	if id == http1.FieldOther {
		return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) { return appendNamedFields(c, dst, rest) }
	}
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) { return appendFields(c, dst, id, separator) }
}

// appendFields appends all fields with an id.
func appendFields(c *pipeline.Ctx, dst []byte, id http1.FieldID, separator string) ([]byte, bool) {
	fields, head := c.Head.Fields, c.HeadBytes()
	first := c.Head.Next(id, 0)
	for i := first; i >= 0; i = c.Head.Next(id, i+1) {
		if i != first {
			dst = append(dst, separator...)
		}
		dst = append(dst, fields[i].Value.Of(head)...)
	}
	return dst, first >= 0
}

func appendNamedFields(c *pipeline.Ctx, dst []byte, name string) ([]byte, bool) {
	fields, head, found := c.Head.Fields, c.HeadBytes(), false
	for i := range fields {
		if !sameField(viewString(fields[i].Name.Of(head)), name) {
			continue
		}
		if found {
			dst = append(dst, ", "...)
		}
		dst, found = append(dst, fields[i].Value.Of(head)...), true
	}
	return dst, found
}

// sameField compares a field name with the rest of a variable's name, which is in lower case with "_" for "-".
func sameField(field, name string) bool {
	if len(field) != len(name) {
		return false
	}
	for i := range len(field) {
		ch := lower(field[i])
		if ch == '-' {
			ch = '_'
		}
		if ch != name[i] {
			return false
		}
	}
	return true
}

// argument makes $arg_name: the value of the first argument of that name, in any case, as it was sent.
func argument(rest string) Getter {
	if rest == "" {
		return notFound
	}
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
		for args := Args(c); len(args) > len(rest); {
			pair, n := args, len(args)
			if end := bytes.IndexByte(args, '&'); end >= 0 {
				pair, n = args[:end], end+1
			}
			if len(pair) > len(rest) && pair[len(rest)] == '=' && foldPrefix(pair, rest) {
				return append(dst, pair[len(rest)+1:]...), true
			}
			args = args[n:]
		}
		return dst, false
	}
}

// foldPrefix tells whether b, in lower case, begins with s.
func foldPrefix(b []byte, s string) bool {
	if len(b) < len(s) {
		return false
	}
	for i := range len(s) {
		if lower(b[i]) != s[i] {
			return false
		}
	}
	return true
}

// requestCookie makes $cookie_name; the name is compared in any case.
func requestCookie(rest string) Getter {
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
		for i := c.Head.Next(http1.Cookie, 0); i >= 0; i = c.Head.Next(http1.Cookie, i+1) {
			if value, ok := cookieValue(c.Head.Fields[i].Value.Of(c.HeadBytes()), rest); ok {
				return append(dst, value...), true
			}
		}
		return dst, false
	}
}

// cookieValue looks through one Cookie field.
func cookieValue(field []byte, name string) ([]byte, bool) {
	for len(field) > 0 {
		pair, n := field, len(field)
		if end := bytes.IndexByte(field, ';'); end >= 0 {
			pair, n = field[:end], end+1
		}
		if foldPrefix(pair, name) {
			if value := bytes.TrimLeft(pair[len(name):], " "); len(value) > 0 && value[0] == '=' {
				return bytes.TrimLeft(value[1:], " "), true
			}
		}
		field = bytes.TrimLeft(field[n:], " ")
	}
	return nil, false
}

// appendRemoteUser appends the user of a Basic Authorization field.
func appendRemoteUser(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	value := c.HeaderBytes(http1.Authorization)
	if !foldPrefix(value, "basic ") {
		return dst, false
	}
	at := len(dst)
	dst, ok := appendBase64(dst, bytes.TrimLeft(value[len("basic "):], " "))
	user := bytes.IndexByte(dst[at:], ':')
	if !ok || user <= 0 {
		return dst[:at], false
	}
	return dst[:at+user], true
}
