package debugpage

import (
	"mime"
	"reflect"
	"runtime"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// request is the request as the page shows it.
type request struct {
	Method     string `json:"method"`
	Target     string `json:"target"`
	Path       string `json:"path"`
	Client     string `json:"client,omitempty"`
	Route      string `json:"route,omitempty"`
	RouteName  string `json:"route_name,omitempty"`
	Handler    string `json:"handler,omitempty"`
	Parameters []Pair `json:"parameters,omitempty"`
	Query      []Pair `json:"query,omitempty"`
	Form       []Pair `json:"form,omitempty"`
	Cookies    []Pair `json:"cookies,omitempty"`
	Fields     []Pair `json:"fields,omitempty"`
}

// entry is a name with its value as it came, and whether that is secret.
type entry struct {
	Pair
	secret bool
}

// gathered are the entries of the request.
type gathered struct {
	fields, cookies, query, form, params []entry
}

// gather collects the entries of the request and, by the way, its secrets.
func (b *builder) gather() {
	c, head := b.c, b.c.HeadBytes()
	b.study(c.Target())
	for i := range c.Head.Fields {
		f := &c.Head.Fields[i]
		name, value := string(f.Name.Of(head)), string(f.Value.Of(head))
		e := b.note(&b.fields, Field, name, value)
		if e.secret {
			b.secrets.addField(value)
		}
		if f.ID == http1.Cookie {
			b.gatherCookies(f.Value.Of(head))
		}
	}
	b.query = b.pairs(Query, c.QueryBytes())
	b.gatherForm()
	c.EachParam(func(name, value string) { b.note(&b.params, Param, name, value) })
}

// note appends an entry to a list, and keeps its value when it is secret, or else the secrets in it.
func (b *builder) note(list *[]entry, p Place, name, value string) entry {
	e := entry{Pair{name, value}, value != "" && b.filter(p, name)}
	if e.secret {
		b.secrets.add(value)
	}
	b.study(value)
	if len(*list) < maxGather {
		*list = append(*list, e)
	}
	return e
}

func (b *builder) gatherCookies(field []byte) {
	for rest := field; ; {
		var name, value []byte
		if name, value, rest = http1.NextCookie(rest); name == nil && value == nil {
			return
		}
		b.note(&b.cookies, Cookie, string(name), string(value))
	}
}

func (b *builder) gatherForm() {
	if b.r.Form != nil {
		for _, p := range b.r.Form(b.c) {
			b.note(&b.form, Form, p.Name, p.Value)
		}
		return
	}
	mediaType, _, _ := mime.ParseMediaType(b.c.Header("Content-Type"))
	if body, ok := b.c.BodyInMemory(); ok && mediaType == "application/x-www-form-urlencoded" {
		b.form = b.pairs(Form, body[:min(len(body), maxRaw)])
	}
}

// pairs reads a query or a form, decoded.
func (b *builder) pairs(p Place, raw []byte) []entry {
	var list []entry
	for {
		var key, value []byte
		if key, value, raw = http1.NextQuery(raw); key == nil {
			return list
		}
		if e := b.note(&list, p, unescape(string(key), true), unescape(string(value), true)); e.secret {
			b.secrets.add(string(value))
		}
	}
}

func isSeparator(r rune) bool { return r == '&' || r == ';' }

// show makes entries fit to be shown, secret values masked.
func (b *builder) show(list []entry) []Pair {
	var shown []Pair
	for _, e := range list[:min(len(list), maxList)] {
		p := Pair{b.text(e.Name, maxName), Mask}
		if !e.secret {
			p.Value = b.text(b.url(e.Value), maxValue)
		}
		shown = append(shown, p)
	}
	return shown
}

// url masks the query of a URL by the names in it; other values stay as they are.
func (b *builder) url(s string) string {
	before, query, ok := strings.Cut(s, "?")
	if !ok {
		return s
	}
	var masked strings.Builder
	masked.WriteString(before + "?")
	for query != "" {
		piece, end := query, strings.IndexFunc(query, isSeparator)
		if query = ""; end >= 0 {
			piece, query = piece[:end+1], piece[end+1:]
		}
		name, value, _ := strings.Cut(piece, "=")
		if value = strings.TrimRight(value, "&;"); value != "" && b.filter(Query, unescape(name, true)) {
			piece = name + "=" + Mask + piece[len(name)+1+len(value):]
		}
		masked.WriteString(piece)
	}
	return masked.String()
}

// path masks the segments of a path that are secret parameters, however short.
func (b *builder) path(path string) string {
	segments := strings.Split(path, "/")
	for _, p := range b.params {
		for i, s := range segments {
			if p.secret && unescape(s, false) == p.Value {
				segments[i] = Mask
			}
		}
	}
	return strings.Join(segments, "/")
}

func (b *builder) request() request {
	c := b.c
	path, query, ok := strings.Cut(c.Target(), "?")
	target := b.path(path)
	if ok {
		target += b.url("?" + query)
	}
	req := request{
		Method:     b.text(c.Method(), maxName),
		Target:     b.text(target, maxValue),
		Path:       b.text(b.path(c.Path()), maxValue),
		Parameters: b.show(b.params),
		Query:      b.show(b.query),
		Form:       b.show(b.form),
		Cookies:    b.show(b.cookies),
		Fields:     b.show(b.fields),
	}
	if t := c.Transport(); t != nil && t.Remote().IsValid() {
		req.Client = t.Remote().String()
	}
	if r := c.Route(); r != nil {
		req.Route, req.RouteName, req.Handler = r.Pattern, r.Name, nameOf(r.Handler)
	}
	return req
}

// nameOf returns the name of a handler's function.
func nameOf(h pipeline.Handler) string {
	if f := runtime.FuncForPC(reflect.ValueOf(h).Pointer()); f != nil {
		return f.Name()
	}
	return ""
}
