package xpath

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Value is what an expression comes to: NodeSet, float64, string or bool.
type Value any

// NodeSet is nodes in document order, each once.
type NodeSet []*Node

// String converts a value as string() does. That of a number has 15 digits at most, and no exponent.
func String(v Value) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return formatNumber(v)
	case NodeSet:
		if len(v) > 0 {
			return v[0].StringValue()
		}
	}
	return ""
}

func formatNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return strconv.FormatInt(int64(f), 10)
	}
	short, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	return strconv.FormatFloat(short, 'f', -1, 64)
}

// Number converts a value as number() does.
func Number(v Value) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
		return 0
	}
	return parseNumber(String(v))
}

// parseNumber reads "-"? digits ("." digits?)? or "." digits between white space.
func parseNumber(s string) float64 {
	s = strings.Trim(s, spaces)
	digits := strings.TrimPrefix(s, "-")
	if strings.Trim(digits, "0123456789.") != "" || strings.Count(digits, ".") > 1 || strings.Trim(digits, ".") == "" {
		return math.NaN()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return math.NaN()
	}
	return f
}

// Bool converts a value as boolean() does.
func Bool(v Value) bool {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	case NodeSet:
		return len(v) > 0
	}
	return false
}

// compareNodes orders nodes by document; an element's namespaces, which have its place, come behind it by their prefixes.
func compareNodes(a, b *Node) int {
	switch {
	case a.Order < b.Order:
		return -1
	case a.Order > b.Order:
		return 1
	case a.Kind != b.Kind:
		return int(a.Kind) - int(b.Kind)
	}
	return strings.Compare(a.Name.Local, b.Name.Local)
}

// sorted brings nodes in document order, each once.
func (s NodeSet) sorted() NodeSet {
	if !slices.IsSortedFunc(s, compareNodes) {
		slices.SortFunc(s, compareNodes)
	}
	return slices.CompactFunc(s, func(a, b *Node) bool { return compareNodes(a, b) == 0 })
}

// Same tells whether two nodes are one.
func Same(a, b *Node) bool { return compareNodes(a, b) == 0 }

// Union returns the nodes of both sets.
func Union(a, b NodeSet) NodeSet {
	return append(append(make(NodeSet, 0, len(a)+len(b)), a...), b...).sorted()
}

// compare is the operators on two values (XPath section 3.4): some node of a set is enough.
func compare(op string, a, b Value) bool {
	x, isSet := a.(NodeSet)
	y, areSets := b.(NodeSet)
	_, boolA := a.(bool)
	_, boolB := b.(bool)
	switch {
	case boolA || boolB:
		return compareSingle(op, Value(Bool(a)), Value(Bool(b)))
	case isSet && areSets:
		for _, n := range x {
			s := n.StringValue()
			for _, m := range y {
				if compareSingle(op, s, m.StringValue()) {
					return true
				}
			}
		}
		return false
	case isSet:
		return slices.ContainsFunc(x, func(n *Node) bool { return compareSingle(op, n.StringValue(), b) })
	case areSets:
		return slices.ContainsFunc(y, func(n *Node) bool { return compareSingle(op, a, n.StringValue()) })
	}
	return compareSingle(op, a, b)
}

// compareSingle compares what are no sets.
func compareSingle(op string, a, b Value) bool {
	if op == "=" || op == "!=" {
		_, numberA := a.(float64)
		_, numberB := b.(float64)
		_, boolA := a.(bool)
		equal := false
		switch {
		case boolA:
			equal = a == b
		case numberA || numberB:
			equal = Number(a) == Number(b)
		default:
			equal = String(a) == String(b)
		}
		return equal == (op == "=")
	}
	x, y := Number(a), Number(b)
	switch op {
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	}
	return x >= y
}
