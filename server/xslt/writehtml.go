package xslt

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

func set(names string) map[string]bool {
	m := map[string]bool{}
	for _, n := range strings.Fields(names) {
		m[n] = true
	}
	return m
}

// What the method html knows of HTML 4.0 (XSLT section 16.2).
var (
	voids  = set("area base basefont br col frame hr img input isindex link meta param embed")
	blocks = set("address area base blockquote body caption center col colgroup dd dir div dl dt fieldset form frame frameset h1 h2 h3 h4 h5 h6 head hr html isindex legend li link menu meta noframes noscript ol optgroup option p param pre style table tbody td tfoot th thead title tr ul")
	flags  = set("checked compact declare defer disabled ismap multiple nohref noresize noshade nowrap readonly selected")
	links  = set("action cite classid codebase data href longdesc profile src usemap")
)

// htmlDocument writes a result by the method html. The encoding is named in head.
func (w *writer) htmlDocument(root *xpath.Node) {
	typed := false
	for _, n := range root.Children {
		if n.Kind == xpath.Element && !typed {
			typed = true
			w.doctype(n.QName())
		}
		w.htmlNode(n)
	}
	w.add("\n")
}

func (w *writer) htmlNode(n *xpath.Node) {
	switch n.Kind {
	case xpath.Text:
		if name := strings.ToLower(n.Parent.Name.Local); n.Raw || n.Parent.Name.Space == "" && (name == "script" || name == "style") {
			w.raw(n.Value)
			return
		}
		w.text(n.Value)
	case xpath.Instruction:
		w.add("<?" + n.Name.Local + " ")
		w.raw(n.Value)
		w.add(">")
	case xpath.Comment:
		w.node(n, 0, false)
	case xpath.Element:
		if n.Name.Space != "" {
			w.element(n, 0, false)
			return
		}
		w.htmlElement(n)
	}
}

// htmlElement writes an element. With indent, line ends stand beside block elements, where they mean nothing.
func (w *writer) htmlElement(n *xpath.Node) {
	name := strings.ToLower(n.Name.Local)
	scope := len(w.scope)
	defer func() { w.scope = w.scope[:scope] }()
	w.add("<" + n.Name.Local)
	for i, attr := range w.declarations(n) {
		w.htmlAttr(attr, n.Attrs[i].Value)
	}
	w.add(">")
	children := n.Children
	if name == "head" {
		children = w.withMeta(n)
	}
	inner := w.indent && blocks[name] && name[0] != 'p' && len(children) > 1
	if inner && children[0].Kind != xpath.Text {
		w.add("\n")
	}
	for i, c := range children {
		w.htmlNode(c)
		if i+1 < len(children) && w.breaks(c, children[i+1]) {
			w.add("\n")
		}
	}
	if inner && children[len(children)-1].Kind != xpath.Text {
		w.add("\n")
	}
	if !voids[name] || len(children) > 0 {
		w.add("</" + n.Name.Local + ">")
	}
}

// breaks tells whether a line ends between two neighbours.
func (w *writer) breaks(n, next *xpath.Node) bool {
	return w.indent && n.Kind == xpath.Element && blocks[strings.ToLower(n.Name.Local)] && next.Kind != xpath.Text &&
		n.Parent.Kind == xpath.Element && n.Parent.Name.Local[0]|0x20 != 'p'
}

// withMeta returns what is in head, with the encoding before it unless it is named.
func (w *writer) withMeta(head *xpath.Node) []*xpath.Node {
	for _, n := range head.Children {
		if v, ok := n.Attr("", "http-equiv"); ok && strings.EqualFold(v, "Content-Type") && strings.EqualFold(n.Name.Local, "meta") {
			return head.Children
		}
	}
	encoding := w.o.encoding
	if encoding == "" {
		encoding = "UTF-8"
	}
	meta := &xpath.Node{Kind: xpath.Element, Name: xpath.Name{Local: "meta"}, Parent: head, Attrs: []*xpath.Node{
		{Kind: xpath.Attribute, Name: xpath.Name{Local: "http-equiv"}, Value: "Content-Type"},
		{Kind: xpath.Attribute, Name: xpath.Name{Local: "content"}, Value: "text/html; charset=" + encoding},
	}}
	return append([]*xpath.Node{meta}, head.Children...)
}

// htmlAttr writes an attribute: a flag by its name alone, an address with what is not ASCII in it encoded.
func (w *writer) htmlAttr(name, value string) {
	w.add(" " + name)
	switch local := strings.ToLower(name); {
	case flags[local] && strings.EqualFold(value, local):
		return
	case links[local]:
		value = address(value)
	}
	w.add("=")
	w.attrValue(value)
}

func address(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x80 || c == ' ' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
