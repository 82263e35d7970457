package xslt

import (
	"strings"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// xmlDocument writes a result by the method xml (XSLT section 16.1).
func (w *writer) xmlDocument(root *xpath.Node) {
	if !w.o.omit {
		version := w.o.version
		if version == "" {
			version = "1.0"
		}
		w.add(`<?xml version="` + version + `"`)
		if w.o.encoding != "" {
			w.add(` encoding="` + w.o.encoding + `"`)
		}
		if w.o.standalone != "" {
			w.add(` standalone="` + w.o.standalone + `"`)
		}
		w.add("?>\n")
	}
	typed := false
	for i, n := range root.Children {
		if n.Kind == xpath.Element && !typed {
			typed = true
			w.doctype(n.QName())
		}
		w.node(n, 0, w.indent)
		if (n.Kind == xpath.Comment || w.indent && n.Kind != xpath.Text) && i+1 < len(root.Children) {
			w.add("\n")
		}
	}
	w.add("\n")
}

// node writes a node; indent is off in what has text.
func (w *writer) node(n *xpath.Node, depth int, indent bool) {
	switch n.Kind {
	case xpath.Text:
		w.xmlText(n)
	case xpath.Comment:
		w.add("<!--")
		w.raw(n.Value)
		w.add("-->")
	case xpath.Instruction:
		w.add("<?" + n.Name.Local)
		if n.Value != "" {
			w.add(" ")
			w.raw(n.Value)
		}
		w.add("?>")
	case xpath.Element:
		w.element(n, depth, indent)
	}
}

func (w *writer) xmlText(n *xpath.Node) {
	switch {
	case n.Raw:
		w.raw(n.Value)
	case n.Parent != nil && w.o.cdata[n.Parent.Name]:
		w.add("<![CDATA[")
		w.raw(strings.ReplaceAll(n.Value, "]]>", "]]]]><![CDATA[>"))
		w.add("]]>")
	default:
		w.text(n.Value)
	}
}

// element writes an element, its children on lines of their own with indent.
func (w *writer) element(n *xpath.Node, depth int, indent bool) {
	scope := len(w.scope)
	defer func() { w.scope = w.scope[:scope] }()
	w.add("<" + n.QName())
	for i, name := range w.declarations(n) {
		w.add(" " + name + "=")
		w.attrValue(n.Attrs[i].Value)
	}
	if len(n.Children) == 0 {
		w.add("/>")
		return
	}
	w.add(">")
	for _, c := range n.Children {
		indent = indent && c.Kind != xpath.Text
	}
	for _, c := range n.Children {
		if indent {
			w.add("\n" + strings.Repeat("  ", depth+1))
		}
		w.node(c, depth+1, indent)
	}
	if indent {
		w.add("\n" + strings.Repeat("  ", depth))
	}
	w.add("</" + n.QName() + ">")
}
