package authbasic

// Hot: access logs ask for the user of every request; no allocation beyond dst, no map, no defer.

import (
	"bytes"
	"encoding/base64"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// AppendUser appends the variable $remote_user: the name that the request gives, whether its password is right or not.
// False means that it is not found.
func AppendUser(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	user, password, ok := credentials(c, dst)
	if !ok {
		return dst, false
	}
	clear(password) // it must not stay in a log's buffer
	return user, true
}

// credentials decodes the Authorization field behind dst (ngx_http_auth_basic_user). user begins with dst.
func credentials(c *pipeline.Ctx, dst []byte) (user, password []byte, ok bool) {
	const scheme = "basic "
	value := c.HeaderBytes(http1.Authorization)
	if len(value) < len(scheme) || !bytes.EqualFold(value[:len(scheme)], []byte(scheme)) {
		return nil, nil, false
	}
	value = bytes.TrimLeft(value[len(scheme):], " ")
	if i := bytes.IndexByte(value, '='); i >= 0 {
		value = value[:i] // what is behind the padding does not count
	}
	at := len(dst)
	b, err := base64.RawStdEncoding.AppendDecode(dst, value)
	colon := bytes.IndexByte(b[min(at, len(b)):], ':')
	if err != nil || colon <= 0 {
		return nil, nil, false
	}
	return b[:at+colon], b[at+colon+1:], true
}
