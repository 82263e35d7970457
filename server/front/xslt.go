package front

import (
	"errors"
	"os"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/xslt"
	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// transformer is the filter of a location with xslt_stylesheet.
type transformer struct{ *xslt.Filter }

// ProcessResponse transforms the response; a body that breaks off closes the connection, as in NGINX.
func (t transformer) ProcessResponse(c *pipeline.Ctx) error {
	err := t.Filter.ProcessResponse(c)
	if errors.Is(err, xslt.ErrBody) && !errors.Is(err, filter.ErrTooLong) {
		requestOf(c).Log("error", err.Error())
		return errAborted
	}
	return err
}

// xslt compiles xslt_stylesheet and its companions, nil when there is none.
func (b *builder) xslt(s *scope) changer {
	lines := s.all("xslt_stylesheet")
	if len(lines) == 0 {
		return nil
	}
	cfg := xslt.Config{Types: words(s.all("xslt_types")), LastModified: s.on("xslt_last_modified", false), Entities: b.entities(s.one("xml_entities"))}
	for _, d := range lines {
		sheet := xslt.Sheet{Stylesheet: b.stylesheet(d)}
		for _, a := range d.Args[1:] {
			sheet.Params = append(sheet.Params, b.always(d, a))
		}
		cfg.Sheets = append(cfg.Sheets, sheet)
	}
	for at := s; at != nil && len(cfg.Params) == 0; at = at.outer { // the two are one list, inherited as one
		for _, name := range [...]string{"xslt_string_param", "xslt_param"} {
			for _, d := range at.own[name] {
				cfg.Params = append(cfg.Params, xslt.ParamValue{Name: d.Args[0], Value: b.always(d, d.Args[1]), Expr: name == "xslt_param"})
			}
		}
	}
	return transformer{xslt.New(cfg)}
}

// always compiles a text for a feature that takes one as a function.
func (b *builder) always(d *conf.Directive, text string) filter.Value {
	v := b.value(d, text)
	return func(c *pipeline.Ctx, dst []byte) []byte { return v.append(c, dst) }
}

// stylesheet loads the file of a directive; blocks that name one share it.
func (b *builder) stylesheet(d *conf.Directive) *xslt.Stylesheet {
	file := b.path(d.Args[0])
	return shared(b, "xslt "+file, func() *xslt.Stylesheet {
		s, err := xslt.Load(file)
		if err != nil {
			b.fail(d, `xsltParseStylesheetFile("%s") failed: %v`, file, err)
		}
		return s
	})
}

// entities loads the file of xml_entities, nil for none.
func (b *builder) entities(d *conf.Directive) xpath.Entities {
	if d == nil {
		return nil
	}
	data, err := os.ReadFile(d.Args[0])
	var list xpath.Entities
	if err == nil {
		list, err = xpath.ParseDTD(data)
	}
	if err != nil {
		b.fail(d, "xmlParseDTD() failed: %v", err)
	}
	return list
}
