package bind

import (
	"bytes"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// texts returns the values of a field in one source, in order, nil when there are none.
func (g *binding) texts(f *field, s source) []string {
	name := f.names[s]
	switch s {
	case fromPath:
		if v := g.c.Param(name); v != "" {
			return []string{v}
		}
	case fromQuery:
		return g.values[f.slot]
	case fromHeader:
		return g.headers(name, f.list)
	case fromCookie:
		if v := g.c.CookieBytes(name); v != nil {
			return []string{string(v)}
		}
	case fromForm:
		if g.form != nil {
			return g.form.Values[name]
		}
	}
	return nil
}

// headers returns the values of the fields of one name. For a list they are split at commas (RFC 9110 section 5.6.1).
func (g *binding) headers(name string, list bool) (texts []string) {
	head := g.c.HeadBytes()
	for i := range g.c.Head.Fields {
		f := &g.c.Head.Fields[i]
		if f.Name.Len() != len(name) || !bytes.EqualFold(f.Name.Of(head), []byte(name)) {
			continue
		}
		value := f.Value.Of(head)
		if !list {
			return []string{string(value)}
		}
		for {
			var elem []byte
			if elem, value = http1.NextToken(value); elem == nil {
				break
			}
			texts = append(texts, string(elem))
		}
	}
	return texts
}

// readQuery gathers the values of the query parameters that the plan has.
func (g *binding) readQuery() error {
	g.values = make([][]string, len(g.plan.queries))
	left := g.Limits.withDefaults().Fields
	return eachPair(g.c.QueryBytes(), left, func(key, value []byte) {
		if slot, ok := g.plan.queries[string(unescaped(key))]; ok {
			g.values[slot] = append(g.values[slot], string(unescaped(value)))
		}
	})
}

// eachPair calls f with the pairs of a query or of an urlencoded form as they were sent. More than limit of them are
// errTooManyFields.
func eachPair(raw []byte, limit int, f func(key, value []byte)) error {
	for {
		key, value, rest := http1.NextQuery(raw)
		if key == nil {
			return nil
		}
		if limit--; limit < 0 {
			return errTooManyFields
		}
		f(key, value)
		raw = rest
	}
}

// unescaped decodes a key or a value of a query; a broken escape stays as it is, as in Ctx.Query.
func unescaped(raw []byte) []byte {
	if bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '+') < 0 {
		return raw
	}
	b, _ := http1.AppendUnescaped(make([]byte, 0, len(raw)), raw, true)
	return b
}
