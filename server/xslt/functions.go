package xslt

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// exsltCommon is the namespace of node-set().
const exsltCommon = "http://exslt.org/common"

// function returns a function that XSLT adds to those of XPath (XSLT section 12).
func (c *compiler) function(name xpath.Name, args xpath.Args) (xpath.Function, error) {
	if name == (xpath.Name{Space: exsltCommon, Local: "node-set"}) {
		return func(_ *xpath.Context, a []xpath.Value) xpath.Value { return a[0] }, arity(name, args, 1, 1)
	}
	if name.Space != "" {
		return nil, nil
	}
	switch name.Local {
	case "current":
		return func(k *xpath.Context, _ []xpath.Value) xpath.Value {
			return xpath.NodeSet{k.Run.Host.(*exec).ctx.Node}
		}, arity(name, args, 0, 0)
	case "document":
		fn, err := c.document(args)
		return fn, err
	case "key":
		return c.key, arity(name, args, 2, 2)
	case "generate-id":
		return generateID, arity(name, args, 0, 1)
	case "format-number":
		return formatNumber, arity(name, args, 2, 3)
	case "system-property":
		return systemProperty, arity(name, args, 1, 1)
	case "element-available":
		return elementAvailable, arity(name, args, 1, 1)
	case "function-available":
		return functionAvailable, arity(name, args, 1, 1)
	case "unparsed-entity-uri":
		return func(*xpath.Context, []xpath.Value) xpath.Value { return "" }, arity(name, args, 1, 1)
	}
	return nil, nil
}

func arity(name xpath.Name, args xpath.Args, least, most int) error {
	if len(args) < least || len(args) > most {
		return fmt.Errorf("wrong number of arguments of %s()", name.Local)
	}
	return nil
}

// keyOf is a key in a tree.
type keyOf struct {
	root *xpath.Node
	name string
}

// key finds nodes by the value of a key (XSLT section 12.2). Names of keys are told apart by their local parts.
func (c *compiler) key(k *xpath.Context, args []xpath.Value) xpath.Value {
	x := k.Run.Host.(*exec)
	index := x.index(keyOf{k.Node.Top(), strings.TrimSpace(xpath.String(args[0]))})
	set, ok := args[1].(xpath.NodeSet)
	if !ok {
		return index[xpath.String(args[1])]
	}
	var all xpath.NodeSet
	for _, n := range set {
		all = append(all, index[n.StringValue()]...)
	}
	return xpath.Union(all, nil)
}

// index returns the nodes of a tree by the values of a key.
func (x *exec) index(of keyOf) map[string]xpath.NodeSet {
	if found, ok := x.keys[of]; ok {
		return found
	}
	index := map[string]xpath.NodeSet{}
	x.keys[of] = index
	rules, ok := x.s.keys[of.name[strings.IndexByte(of.name, ':')+1:]]
	if !ok {
		x.fail("xslt: key %s is not there", of.name)
		return nil
	}
	saved := x.ctx
	for i := range rules {
		x.indexBelow(index, &rules[i], of.root)
	}
	x.ctx = saved
	for value, set := range index {
		index[value] = xpath.Union(set, nil)
	}
	return index
}

func (x *exec) indexBelow(index map[string]xpath.NodeSet, r *keyRule, n *xpath.Node) {
	x.indexNode(index, r, n)
	for _, a := range n.Attrs {
		x.indexNode(index, r, a)
	}
	for _, child := range n.Children {
		if x.run.Err == nil {
			x.indexBelow(index, r, child)
		}
	}
}

func (x *exec) indexNode(index map[string]xpath.NodeSet, r *keyRule, n *xpath.Node) {
	x.ctx.Node, x.ctx.Pos, x.ctx.Size = n, 1, 1
	for _, p := range r.match {
		if !p.Matches(&x.ctx) {
			continue
		}
		v := x.eval(r.use)
		set, ok := v.(xpath.NodeSet)
		if !ok {
			index[xpath.String(v)] = append(index[xpath.String(v)], n)
		}
		for _, value := range set {
			s := value.StringValue()
			index[s] = append(index[s], n)
		}
		return
	}
}

// generateID names a node by its place, in this process.
func generateID(k *xpath.Context, args []xpath.Value) xpath.Value {
	n := k.Node
	if len(args) > 0 {
		set, ok := args[0].(xpath.NodeSet)
		if !ok || len(set) == 0 {
			return ""
		}
		n = set[0]
	}
	id := "id" + strconv.FormatUint(n.Order, 36)
	if n.Kind == xpath.Namespace {
		id += "n" + n.Name.Local
	}
	return id
}

func systemProperty(_ *xpath.Context, args []xpath.Value) xpath.Value {
	_, local, _ := strings.Cut(xpath.String(args[0]), ":")
	switch local {
	case "version":
		return 1.0
	case "vendor":
		return "wheelpit"
	case "vendor-url":
		return "https://github.com/wheelpit/wheelpit"
	}
	return ""
}

func elementAvailable(_ *xpath.Context, args []xpath.Value) xpath.Value {
	prefix, local, _ := strings.Cut(xpath.String(args[0]), ":")
	return instructions[local] != nil && prefix == "xsl" // the usual prefix
}

func functionAvailable(_ *xpath.Context, args []xpath.Value) xpath.Value {
	switch name := xpath.String(args[0]); name {
	case "current", "document", "key", "generate-id", "format-number", "system-property", "element-available", "function-available",
		"unparsed-entity-uri", "exsl:node-set":
		return true
	default:
		return xpath.IsFunction(name)
	}
}
