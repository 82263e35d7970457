package script

// Hot: variables of the response, most of them for the log; no allocation, no map, no defer.

import (
	"bytes"
	"strconv"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// appendStatus appends three digits, 000 while there is no response.
func appendStatus(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	status := c.Res().Status
	if status == 0 {
		status = EnvOf(c).Status()
	}
	return appendPadded(dst, int64(status), 3), true
}

// appendPadded appends n with zeros in front up to width digits.
func appendPadded(dst []byte, n int64, width int) []byte {
	for limit := int64(10); width > 1; width-- {
		if n < limit {
			dst = append(dst, '0')
		}
		limit *= 10
	}
	return strconv.AppendInt(dst, n, 10)
}

func appendBytesSent(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return strconv.AppendInt(dst, EnvOf(c).BytesSent(), 10), true
}

func appendBodyBytesSent(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return strconv.AppendInt(dst, EnvOf(c).BodyBytesSent(), 10), true
}

func appendRequestLength(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return strconv.AppendInt(dst, EnvOf(c).RequestLength(), 10), true
}

func appendCompletion(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if EnvOf(c).Complete() {
		dst = append(dst, "OK"...)
	}
	return dst, true
}

// responseField makes $sent_http_name: all fields of a name, joined; "_" stands for "-".
func responseField(rest string) Getter {
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
		if block, n := c.Res().Ready(); block != nil {
			value, found := readyField(block[:n], rest)
			return append(dst, value...), found
		}
		fields, found := c.Res().Fields(), false
		for i := range fields {
			if !sameField(fields[i].Name, rest) {
				continue
			}
			if found {
				dst = append(dst, ", "...)
			}
			dst, found = append(dst, fields[i].Value...), true
		}
		return dst, found
	}
}

// readyField returns the value of a field in the head of a response that was made ready in advance. The fields that a server
// adds to every response are not among those that variables show.
func readyField(head []byte, name string) (value []byte, found bool) {
	if name == "date" || name == "server" {
		return nil, false
	}
	for len(head) > 0 {
		end := bytes.IndexByte(head, '\n')
		line := bytes.TrimRight(head[:max(end, 0)], "\r")
		if colon := bytes.IndexByte(line, ':'); colon > 0 && sameField(viewString(line[:colon]), name) {
			return bytes.TrimSpace(line[colon+1:]), true
		}
		head = head[end+1:]
	}
	return nil, false
}

// responseTrailer makes $sent_trailer_name.
func responseTrailer(rest string) Getter {
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
		value, ok := EnvOf(c).Trailer(rest)
		return append(dst, value...), ok
	}
}

func appendSentContentType(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if block, n := c.Res().Ready(); block != nil {
		value, found := readyField(block[:n], "content_type")
		return append(dst, value...), found
	}
	t := c.Res().ContentType
	return append(dst, t...), t != ""
}

func appendSentContentLength(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	r := c.Res()
	if block, n := r.Ready(); block != nil {
		return strconv.AppendInt(dst, int64(len(block)-n)+r.Length(), 10), true
	}
	n := r.Length()
	if n < 0 || r.Status == 0 || r.Status == 444 || !http1.BodyAllowed(r.Status) {
		return dst, false
	}
	return strconv.AppendInt(dst, n, 10), true
}

func appendSentConnection(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	on, _ := EnvOf(c).KeepAlive()
	switch {
	case c.Res().Status == 101:
		return append(dst, "upgrade"...), true
	case on:
		return append(dst, "keep-alive"...), true
	}
	return append(dst, "close"...), true
}

func appendSentKeepAlive(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	on, seconds := EnvOf(c).KeepAlive()
	if !on || seconds == 0 {
		return dst, false
	}
	return strconv.AppendInt(append(dst, "timeout="...), seconds, 10), true
}

func appendSentTransferEncoding(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if !EnvOf(c).Chunked() {
		return dst, false
	}
	return append(dst, "chunked"...), true
}
