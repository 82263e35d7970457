package xpath

import (
	"math"
	"strings"
)

// core are the functions of XPath section 4 but for those of strings, with how many arguments they take.
var core = map[string]struct {
	min, max int
	fn       Function
}{
	"last":          {0, 0, func(c *Context, _ []Value) Value { return float64(c.Size) }},
	"position":      {0, 0, func(c *Context, _ []Value) Value { return float64(c.Pos) }},
	"count":         {1, 1, func(c *Context, a []Value) Value { return float64(len(nodes(c, a[0]))) }},
	"id":            {1, 1, byID},
	"local-name":    {0, 1, ofNode(func(n *Node) string { return n.Name.Local })},
	"namespace-uri": {0, 1, ofNode(func(n *Node) string { return n.Name.Space })},
	"name":          {0, 1, ofNode((*Node).QName)},

	"boolean": {1, 1, func(_ *Context, a []Value) Value { return Bool(a[0]) }},
	"not":     {1, 1, func(_ *Context, a []Value) Value { return !Bool(a[0]) }},
	"true":    {0, 0, func(*Context, []Value) Value { return true }},
	"false":   {0, 0, func(*Context, []Value) Value { return false }},
	"lang":    {1, 1, inLanguage},

	"number":  {0, 1, func(c *Context, a []Value) Value { return Number(orNode(c, a)) }},
	"sum":     {1, 1, sum},
	"floor":   {1, 1, func(_ *Context, a []Value) Value { return math.Floor(Number(a[0])) }},
	"ceiling": {1, 1, func(_ *Context, a []Value) Value { return math.Ceil(Number(a[0])) }},
	"round":   {1, 1, func(_ *Context, a []Value) Value { return math.Floor(Number(a[0]) + 0.5) }},

	"string":           {0, 1, func(c *Context, a []Value) Value { return String(orNode(c, a)) }},
	"concat":           {2, 1000, concat},
	"starts-with":      {2, 2, func(_ *Context, a []Value) Value { return strings.HasPrefix(String(a[0]), String(a[1])) }},
	"contains":         {2, 2, func(_ *Context, a []Value) Value { return strings.Contains(String(a[0]), String(a[1])) }},
	"substring-before": {2, 2, substringBefore},
	"substring-after":  {2, 2, substringAfter},
	"substring":        {2, 3, substring},
	"string-length":    {0, 1, func(c *Context, a []Value) Value { return float64(len([]rune(String(orNode(c, a))))) }},
	"normalize-space":  {0, 1, func(c *Context, a []Value) Value { return normalized(String(orNode(c, a))) }},
	"translate":        {3, 3, translate},
}

// orNode returns the argument, or else the context node.
func orNode(c *Context, args []Value) Value {
	if len(args) > 0 {
		return args[0]
	}
	return NodeSet{c.Node}
}

// ofNode is a function of the first node of its argument; the empty string without one.
func ofNode(get func(*Node) string) Function {
	return func(c *Context, args []Value) Value {
		set := nodes(c, orNode(c, args))
		if len(set) == 0 {
			return ""
		}
		return get(set[0])
	}
}

func sum(c *Context, args []Value) Value {
	total := 0.0
	for _, n := range nodes(c, args[0]) {
		total += parseNumber(n.StringValue())
	}
	return total
}

// byID finds elements by xml:id.
func byID(c *Context, args []Value) Value {
	wanted := map[string]bool{}
	texts := NodeSet{}
	if set, ok := args[0].(NodeSet); ok {
		texts = set
	} else {
		texts = append(texts, &Node{Kind: Text, Value: String(args[0])})
	}
	for _, n := range texts {
		for _, id := range strings.Fields(n.StringValue()) {
			wanted[id] = true
		}
	}
	all := collector{test: &nodeTest{kind: Element, principal: Element, wildcard: true}, run: c.Run}
	all.below(c.Node.Top())
	var found NodeSet
	for _, n := range all.out {
		if id, ok := n.Attr(XMLSpace, "id"); ok && wanted[id] {
			found = append(found, n)
		}
	}
	return found
}

func inLanguage(c *Context, args []Value) Value {
	want := strings.ToLower(String(args[0]))
	for n := c.Node; n != nil; n = n.Parent {
		if have, ok := n.Attr(XMLSpace, "lang"); ok {
			have = strings.ToLower(have)
			return have == want || strings.HasPrefix(have, want+"-")
		}
	}
	return false
}

// maxText is how long a string that an expression makes may be, in bytes.
const maxText = 16 << 20

func concat(c *Context, args []Value) Value {
	var b strings.Builder
	for _, a := range args {
		b.WriteString(String(a))
	}
	if b.Len() > maxText || !c.Run.Spend(b.Len()/64) {
		c.Run.Fail(ErrSteps)
		return ""
	}
	return b.String()
}

func substringBefore(_ *Context, args []Value) Value {
	before, _, found := strings.Cut(String(args[0]), String(args[1]))
	if !found {
		return ""
	}
	return before
}

func substringAfter(_ *Context, args []Value) Value {
	_, after, _ := strings.Cut(String(args[0]), String(args[1]))
	return after
}

// substring counts characters from 1, and rounds as round() does.
func substring(_ *Context, args []Value) Value {
	from := math.Floor(Number(args[1]) + 0.5)
	to := math.Inf(1)
	if len(args) > 2 {
		to = from + math.Floor(Number(args[2])+0.5)
	}
	var b strings.Builder
	pos := 1.0
	for _, r := range String(args[0]) {
		if pos >= from && pos < to { // never with NaN
			b.WriteRune(r)
		}
		pos++
	}
	return b.String()
}

// normalized is the words of s with one space between two.
func normalized(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }), " ")
}

func translate(_ *Context, args []Value) Value {
	from, to := []rune(String(args[1])), []rune(String(args[2]))
	table := make(map[rune]rune, len(from))
	for i, r := range from {
		if _, twice := table[r]; twice {
			continue
		}
		table[r] = -1
		if i < len(to) {
			table[r] = to[i]
		}
	}
	return strings.Map(func(r rune) rune {
		if t, ok := table[r]; ok {
			return t
		}
		return r
	}, String(args[0]))
}

// IsFunction tells whether XPath has a function of that name.
func IsFunction(name string) bool {
	_, ok := core[name]
	return ok
}
