package bind

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Media types of forms.
const (
	typeURLEncoded = "application/x-www-form-urlencoded"
	typeMultipart  = "multipart/form-data"
	typeJSON       = "application/json"
)

// content is what a request says of its content.
type content struct {
	media  string // media type in lower case; "" when none was given or it makes no sense
	params map[string]string
}

// contentOf reads Content-Type (RFC 9110 section 8.3).
func contentOf(c *pipeline.Ctx) content {
	media, params, err := mime.ParseMediaType(string(c.HeaderBytes(http1.ContentType)))
	if err != nil {
		return content{}
	}
	return content{media, params}
}

func (t content) isForm() bool { return t.media == typeURLEncoded || t.media == typeMultipart }

func (t content) isJSON() bool { return t.media == typeJSON || strings.HasSuffix(t.media, "+json") }

// isUTF8 tells whether the charset is UTF-8, which it is by default, or a part of it.
func (t content) isUTF8() bool {
	switch strings.ToLower(t.params["charset"]) {
	case "", "utf-8", "utf8", "us-ascii":
		return true
	}
	return false
}

// readContent reads the body when the struct has fields for it: JSON into the struct, a form into g.form.
func (g *binding) readContent() error {
	forms, has := g.plan.has[fromForm] || g.plan.has[fromFile], g.plan.has[fromJSON]
	if g.c.ContentLength() == 0 || !forms && !has {
		return nil
	}
	if coding := g.c.HeaderBytes(http1.ContentEncoding); len(coding) > 0 && !bytes.EqualFold(coding, []byte("identity")) {
		return unsupported("the content coding is not supported", pipeline.ResponseField{Name: "Accept-Encoding", Value: "identity"})
	}
	t := contentOf(g.c)
	switch {
	case forms && t.isForm():
		form, err := g.readForm(g.c)
		g.form = form
		return err
	case has && t.isJSON() && t.isUTF8():
		return g.readJSON()
	}
	if empty, err := isEmpty(g.c); empty || err != nil {
		return err
	}
	return refuseType(forms, has)
}

// isEmpty tells whether content of unknown length is none after all. It reads one byte, of content that nobody wants.
func isEmpty(c *pipeline.Ctx) (bool, error) {
	if c.ContentLength() > 0 {
		return false, nil
	}
	_, err := io.ReadFull(c.BodyReader(), make([]byte, 1))
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return false, err
}

func refuseType(forms, json bool) error {
	var accept []string
	if json {
		accept = append(accept, typeJSON)
	}
	if forms {
		accept = append(accept, typeURLEncoded, typeMultipart)
	}
	list := strings.Join(accept, ", ")
	return unsupported("the content must be UTF-8 of one of: "+list, pipeline.ResponseField{Name: "Accept", Value: list})
}

// readAll returns the body up to a limit, beyond which it is errTooMuchData. Afterwards it is the body of c as well.
func readAll(c *pipeline.Ctx, limit int64) ([]byte, error) {
	switch n := c.ContentLength(); {
	case n > limit:
		return nil, errTooMuchData
	case n >= 0:
		return c.Body()
	}
	data, err := io.ReadAll(io.LimitReader(c.BodyReader(), limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, errTooMuchData
	}
	c.SetBody(data)
	return data, nil
}
