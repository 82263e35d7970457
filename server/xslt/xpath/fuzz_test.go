package xpath_test

import (
	"slices"
	"testing"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// fuzzMax is how long inputs are, in bytes: longer ones find nothing new.
const fuzzMax = 4096

// A document that is taken is a tree: children know their parents, and are in document order.
func FuzzParse(f *testing.F) {
	for _, d := range documents {
		f.Add([]byte(d.text))
	}
	for _, d := range badDocuments {
		if len(d) <= fuzzMax {
			f.Add([]byte(d))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > fuzzMax {
			return
		}
		before := slices.Clone(data)
		root, err := xpath.Parse(data, known)
		if !slices.Equal(before, data) {
			t.Fatal("the document was changed")
		}
		if err == nil {
			checkTree(t, root)
		}
	})
}

func checkTree(t *testing.T, n *xpath.Node) {
	last := n.Order
	for _, list := range [][]*xpath.Node{n.Attrs, n.Children} {
		for _, c := range list {
			if c.Parent != n || c.Order <= last {
				t.Fatalf("%s: parent %v, order %d behind %d", c.QName(), c.Parent, c.Order, last)
			}
			last = c.Order
			checkTree(t, c)
		}
	}
}

// What a DTD declares can be used in a document, or is refused: it takes no end.
func FuzzParseDTD(f *testing.F) {
	f.Add([]byte("<!ENTITY nbsp '&#160;'><!-- c --><!ENTITY % p 'x'>"))
	f.Add([]byte("<!ENTITY a '&b;'><!ENTITY b '&a;'>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > fuzzMax {
			return
		}
		entities, err := xpath.ParseDTD(data)
		if err != nil {
			return
		}
		for name := range entities {
			_, _ = xpath.Parse([]byte("<a b='&"+name+";'>&"+name+";</a>"), entities)
		}
	})
}

// An expression that is taken comes to a value, and says the same when it is evaluated again. Sets are in document order.
func FuzzCompile(f *testing.F) {
	for _, e := range expressions {
		f.Add(e.src)
	}
	for _, src := range faults {
		if len(src) <= fuzzMax {
			f.Add(src)
		}
	}
	root, err := xpath.Parse([]byte(document), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > fuzzMax {
			return
		}
		e, err := xpath.Compile(src, env)
		if err != nil {
			return
		}
		first, second := newRun(), newRun()
		first.Steps, second.Steps = 20_000, 20_000
		a := e.Eval(&xpath.Context{Node: root, Pos: 1, Size: 1, Run: first})
		b := e.Eval(&xpath.Context{Node: root, Pos: 1, Size: 1, Run: second})
		if first.Err != nil {
			return
		}
		if xpath.String(a) != xpath.String(b) {
			t.Fatalf("%q: %q and %q", src, xpath.String(a), xpath.String(b))
		}
		set, _ := a.(xpath.NodeSet)
		for i := 1; i < len(set); i++ {
			if set[i].Order < set[i-1].Order || xpath.Same(set[i], set[i-1]) {
				t.Fatalf("%q: not in document order", src)
			}
		}
	})
}

// A pattern matches what its expression finds from some ancestor (XSLT section 5.2).
func FuzzCompilePattern(f *testing.F) {
	for _, p := range patterns {
		f.Add(p.src)
	}
	root, err := xpath.Parse([]byte(document), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 200 {
			return
		}
		list, err := xpath.CompilePattern(src, env)
		if err != nil {
			return
		}
		e, err := xpath.Compile(src, env)
		if err != nil {
			t.Fatalf("%q is a pattern and no expression: %v", src, err)
		}
		run := newRun()
		walk(root, func(n *xpath.Node) {
			matches := slices.ContainsFunc(list, func(p *xpath.Pattern) bool {
				return p.Matches(&xpath.Context{Node: n, Pos: 1, Size: 1, Run: run})
			})
			found := false
			for up := n; up != nil && !found; up = up.Parent {
				set, _ := e.Eval(&xpath.Context{Node: up, Pos: 1, Size: 1, Run: run}).(xpath.NodeSet)
				found = slices.Contains(set, n)
			}
			if run.Err == nil && matches != found {
				t.Fatalf("%q matches %q: %v, its expression finds it: %v", src, n.QName(), matches, found)
			}
		})
	})
}

func walk(n *xpath.Node, f func(*xpath.Node)) {
	f(n)
	for _, a := range n.Attrs {
		f(a)
	}
	for _, c := range n.Children {
		walk(c, f)
	}
}
