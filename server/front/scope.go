package front

import (
	"slices"

	"github.com/wheelpit/wheelpit/server/conf"
)

// scope is a block while the configuration is compiled: what it says itself, and the block around it.
type scope struct {
	outer *scope
	block *conf.Directive // nil for main
	own   map[string][]*conf.Directive
}

func newScope(outer *scope, block *conf.Directive) *scope {
	s := &scope{outer: outer, block: block, own: map[string][]*conf.Directive{}}
	for d := range block.Children() {
		s.own[d.Name] = append(s.own[d.Name], d)
	}
	return s
}

// all returns the directives of a name from the innermost block that has one: NGINX's rule for what may be repeated.
func (s *scope) all(name string) []*conf.Directive {
	for ; s != nil; s = s.outer {
		if list := s.own[name]; len(list) > 0 {
			return list
		}
	}
	return nil
}

// inherited returns the directives of a name as the directive how says (add_header_inherit): those of the block itself with
// "off", of the innermost block that has one with "on", and with "merge" its own before what the block around it has.
func (s *scope) inherited(name, how string) []*conf.Directive {
	if s == nil {
		return nil
	}
	own, mode := s.own[name], s.text(how, "on")
	switch {
	case mode == "off", mode == "on" && len(own) > 0:
		return own
	}
	return slices.Concat(own, s.outer.inherited(name, how))
}

// one returns the directive of a name from the innermost block that has it, nil when none does.
func (s *scope) one(name string) *conf.Directive {
	if list := s.all(name); list != nil {
		return list[0]
	}
	return nil
}

// on tells whether a flag is set; def is NGINX's default.
func (s *scope) on(name string, def bool) bool {
	if d := s.one(name); d != nil && len(d.Args) > 0 {
		return d.Args[0] == "on"
	}
	return def
}

// text returns the only argument.
func (s *scope) text(name, def string) string {
	if d := s.one(name); d != nil && len(d.Args) > 0 {
		return d.Args[0]
	}
	return def
}

// number returns the value of a directive whose check made a number of it: bytes, milliseconds, a count.
func (s *scope) number(name string, def int64) int64 {
	if d := s.one(name); d != nil {
		if n, ok := d.Value.(int64); ok {
			return n
		}
	}
	return def
}
