package xslt

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// sortKey is xsl:sort.
type sortKey struct {
	value             *xpath.Expr
	dataType, descend *avt
}

func (c *compiler) sortKey(n *xpath.Node) sortKey {
	return sortKey{c.expr(n, "select", "."), c.optionalAVT(n, "data-type"), c.optionalAVT(n, "order")}
}

// sorted brings nodes in the order of the keys (XSLT section 10). Those that are equal stay as they were.
func (x *exec) sorted(set xpath.NodeSet, keys []sortKey) xpath.NodeSet {
	if len(keys) == 0 || len(set) < 2 {
		return set
	}
	type row struct {
		n      *xpath.Node
		values []xpath.Value
	}
	rows := make([]row, 0, len(set))
	numeric, down := make([]bool, len(keys)), make([]bool, len(keys))
	for k := range keys {
		numeric[k], down[k] = keys[k].dataType.value(x) == "number", keys[k].descend.value(x) == "descending"
	}
	x.each(set, func() {
		r := row{x.ctx.Node, make([]xpath.Value, len(keys))}
		for k := range keys {
			if r.values[k] = x.eval(keys[k].value); numeric[k] {
				r.values[k] = xpath.Number(r.values[k])
			} else {
				r.values[k] = xpath.String(r.values[k])
			}
		}
		rows = append(rows, r)
	})
	slices.SortStableFunc(rows, func(a, b row) int {
		for k := range keys {
			d := compareKeys(a.values[k], b.values[k])
			if down[k] {
				d = -d
			}
			if d != 0 {
				return d
			}
		}
		return 0
	})
	out := make(xpath.NodeSet, len(rows))
	for i := range rows {
		out[i] = rows[i].n
	}
	return out
}

// compareKeys compares two strings, or two numbers, of which what is none comes first.
func compareKeys(a, b xpath.Value) int {
	f, ok := a.(float64)
	if !ok {
		return strings.Compare(a.(string), b.(string))
	}
	g := b.(float64)
	switch {
	case math.IsNaN(f) && math.IsNaN(g):
		return 0
	case math.IsNaN(f):
		return -1
	case math.IsNaN(g):
		return 1
	}
	return cmp.Compare(f, g)
}
