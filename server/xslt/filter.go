package xslt

// Hot: ProcessResponse runs for every response of a location with stylesheets; one of another type costs no allocation.

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// Config are the directives.
type Config struct {
	// Sheets are applied in turn (xslt_stylesheet); none is no filter.
	Sheets []Sheet
	// Params are those of all stylesheets (xslt_param, xslt_string_param); of a name, the first counts.
	Params []ParamValue
	// Entities are known to all documents (xml_entities).
	Entities xpath.Entities
	// Types are the media types besides text/xml (xslt_types); "*" is all.
	Types []string
	// LastModified keeps Last-Modified, and ETag as a weak one (xslt_last_modified).
	LastModified bool
}

// Sheet is a stylesheet with parameters as they stand behind it: "name=value:name=value", where the values are expressions in
// URI encoding.
type Sheet struct {
	Stylesheet *Stylesheet
	Params     []filter.Value
}

// ParamValue is a parameter; Expr makes an expression of its value, which is a string otherwise.
type ParamValue struct {
	Name  string
	Value filter.Value
	Expr  bool
}

// ErrBody is the end of a body that does not come as a whole: there is nothing to answer with.
var ErrBody = errors.New("xslt: the body is not whole")

// Filter is the Response hook.
type Filter struct {
	cfg   Config
	types *filter.Types
}

// New makes a filter.
func New(cfg Config) *Filter {
	if slices.Contains(cfg.Types, "*") {
		return &Filter{cfg, filter.NewTypes(cfg.Types)}
	}
	return &Filter{cfg, filter.NewTypes(nil, append([]string{"text/xml"}, cfg.Types...)...)}
}

// Changes tells whether ProcessResponse would transform a response of that type, so that no ranges of it can be sent. A handler
// asks before it answers.
func (f *Filter) Changes(_ *pipeline.Ctx, contentType string, _ int64) bool {
	return f.types.Has(contentType)
}

// ProcessResponse transforms the response. It does so on a worker. An error is what NGINX answers 500 for: a document that is
// not well formed or passes a limit, a transformation that fails or has no result.
func (f *Filter) ProcessResponse(c *pipeline.Ctx) error {
	res := c.Res()
	if res.Status == 304 || !http1.BodyAllowed(res.Status) || !f.types.Has(res.ContentType) {
		return nil
	}
	if !c.OnWorker() {
		filter.Streamed(c) // so that it stays as it is until the worker has it
		return pipeline.ErrOffload
	}
	if c.Head.Method == http1.MethodHead && res.Length() <= 0 { // an upstream's, without its body
		c.DelHeader("Content-Length")
		filter.Rewritten(c, f.cfg.LastModified)
		return nil
	}
	body, err := filter.Collect(c, MaxBody)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBody, err)
	}
	out, err := f.transform(c, body)
	if err != nil {
		return err
	}
	c.ReplaceBody(out)
	if !filter.Nested(c) {
		filter.Rewritten(c, f.cfg.LastModified)
	}
	return nil
}

// transform applies the stylesheets to a body, and has the response be of the type that the last one makes.
func (f *Filter) transform(c *pipeline.Ctx, body []byte) ([]byte, error) {
	doc, err := xpath.Parse(body, f.cfg.Entities)
	if err != nil {
		return nil, fmt.Errorf("xslt: not well formed XML document: %w", err)
	}
	for i := range f.cfg.Sheets {
		params, err := f.params(c, &f.cfg.Sheets[i])
		if err != nil {
			return nil, err
		}
		if doc, err = f.cfg.Sheets[i].Stylesheet.Apply(doc, params); err != nil {
			return nil, err
		}
	}
	last := f.cfg.Sheets[len(f.cfg.Sheets)-1].Stylesheet
	out := last.Append(nil, doc)
	if len(out) == 0 {
		return nil, errors.New("xslt: the result has no length")
	}
	if !filter.Nested(c) {
		c.Res().ContentType = last.contentType(c.Res().ContentType, doc)
	}
	return out, nil
}

// contentType is that of a result.
func (s *Stylesheet) contentType(was string, result *xpath.Node) string {
	switch {
	case s.out.media != "":
		was = s.out.media
	case s.HTML(result):
		was = "text/html"
	}
	if s.out.encoding != "" && !strings.Contains(was, ";") {
		was += "; charset=" + s.out.encoding
	}
	return was
}

// params are the parameters of a stylesheet: those of all come first.
func (f *Filter) params(c *pipeline.Ctx, s *Sheet) (list []Param, err error) {
	for i := range f.cfg.Params {
		p := &f.cfg.Params[i]
		list = append(list, Param{p.Name, string(p.Value(c, nil)), p.Expr})
	}
	for _, value := range s.Params {
		for rest := string(value(c, nil)); rest != ""; {
			name, behind, ok := strings.Cut(rest, "=")
			if !ok {
				return nil, fmt.Errorf("xslt: invalid libxslt parameter %q", rest)
			}
			var v string
			v, rest, _ = strings.Cut(behind, ":")
			list = append(list, Param{name, unescape(v), true})
		}
	}
	return list, nil
}

// unescape decodes what is in URI encoding; what is not stays (ngx_unescape_uri).
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := strings.IndexByte(digits, s[i+1]|0x20), strings.IndexByte(digits, s[i+2]|0x20); hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

const digits = "0123456789abcdef"
