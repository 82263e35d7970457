package front

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/server/conf"
)

// server tells why the virtual server was chosen: the order of names.find and address.find.
func (w *walk) server() {
	a, srv := w.r.addr, w.r.srv
	host := string(w.r.host(w.c.HostBytes()))
	step := Step{Kind: "server", Text: serverText(srv), At: placeOf(srv.scope.block)}
	if a.only {
		step.Candidates = []Candidate{{Text: serverText(srv), At: step.At, Verdict: "the only one of this address", Chosen: true}}
		w.step(step)
		return
	}
	decided := false
	consider := func(name string, of *virtual, matches bool) {
		if decided {
			return
		}
		c := Candidate{Text: "server_name " + name, At: placeOf(of.scope.block), Verdict: "does not match"}
		if matches {
			c.Verdict, c.Chosen, decided = "matches", of == srv, true
		}
		step.Candidates = append(step.Candidates, c)
	}
	if of := a.names.exact[host]; of != nil {
		consider(fmt.Sprintf("%q", host), of, true)
	}
	for i := range a.names.heads {
		n := &a.names.heads[i]
		consider(n.String(), n.srv, strings.HasSuffix(host, n.text) && len(host) > len(n.text) || n.bare && host == n.text[1:])
	}
	for i := range a.names.tails {
		n := &a.names.tails[i]
		consider(n.text+"*", n.srv, strings.HasPrefix(host, n.text) && len(host) > len(n.text))
	}
	for i := range a.names.regex {
		n := &a.names.regex[i]
		found, err := n.regex.Match([]byte(host))
		consider("~"+n.regex.Pattern(), n.srv, found && err == nil && host != "")
	}
	if !decided {
		step.Candidates = append(step.Candidates, Candidate{
			Text: serverText(a.def), At: placeOf(a.def.scope.block), Verdict: "the default server of " + a.addr, Chosen: a.def == srv,
		})
	}
	w.step(step)
}

func (n *wildName) String() string {
	if n.bare {
		return n.text
	}
	return "*" + n.text
}

func serverText(srv *virtual) string {
	if len(srv.allNames) == 0 {
		return "server"
	}
	return "server " + strings.Join(srv.allNames, " ")
}

// location tells why the location was chosen: what NGINX considers for the URI, in its order.
func (w *walk) location() {
	chosen := w.r.loc.outer()
	step := Step{Kind: "location", Text: "none, the server itself answers", At: placeOf(w.r.srv.scope.block)}
	if b := chosen.from.scope.block; b.Name == "location" {
		step.Text, step.At = textOf(b), placeOf(b)
	}
	w.level(w.r.srv.scope, &step)
	considered := false
	for i := range step.Candidates {
		c := &step.Candidates[i]
		c.Chosen = c.At == step.At && c.Text == step.Text
		considered = considered || c.Chosen
	}
	if !considered && chosen.from.scope.block.Name == "location" {
		step.Candidates = append(step.Candidates, Candidate{Text: step.Text, At: step.At, Verdict: `is the URI with a "/" behind it`, Chosen: true})
	}
	w.step(step)
	if b := w.r.loc.from.scope.block; b.Name == "limit_except" {
		w.directive(b, "its block holds for "+w.c.Method())
	}
}

// level considers the locations of one block. settled says that no further ones are.
func (w *walk) level(s *scope, step *Step) (settled bool) {
	uri := w.c.PathView()
	consider := func(l *location, verdict string) {
		b := l.from.scope.block
		step.Candidates = append(step.Candidates, Candidate{Text: textOf(b), At: placeOf(b), Verdict: verdict})
	}
	list := w.within(s)
	prefixes := slices.DeleteFunc(slices.Clone(list), func(l *location) bool {
		m := l.match()
		return m.Kind > conf.PrefixFirst || m.Kind == conf.Exact && m.Text != uri || !strings.HasPrefix(uri, m.Text)
	})
	rank := func(l *location) int { // the longest comes last, and an exact one behind a prefix of its length
		m, n := l.match(), 0
		if m.Kind == conf.Exact {
			n = 1
		}
		return 2*len(m.Text) + n
	}
	slices.SortStableFunc(prefixes, func(a, b *location) int { return rank(a) - rank(b) })
	for i, l := range prefixes {
		switch {
		case l.match().Kind == conf.Exact:
			consider(l, "is the URI")
			return true
		case i < len(prefixes)-1:
			consider(l, "a shorter prefix")
		case l.match().Kind == conf.PrefixFirst:
			consider(l, "the longest prefix, and ^~ leaves out regular expressions")
			return w.level(l.from.scope, step)
		default:
			consider(l, "the longest prefix")
			if w.level(l.from.scope, step) {
				return true
			}
		}
	}
	for _, l := range list {
		if l.from.matcher == nil {
			continue
		}
		if l.from.matcher.MatchString(uri) {
			consider(l, "the first expression that matches")
			w.level(l.from.scope, step)
			return true
		}
		consider(l, "does not match")
	}
	return false
}

// within are the locations that stand in a block, in the order of the text.
func (w *walk) within(s *scope) (list []*location) {
	for _, l := range w.r.srv.list {
		if l.from.scope.outer == s {
			list = append(list, l)
		}
	}
	return list
}

// match is what a location block matches.
func (l *location) match() conf.LocationMatch { return matchOf(l.from.scope) }
