package script

// Hot: a map runs once for a request that reads its variable; no allocation, no defer. Its tables are Go maps, since
// their keys are an operator's and may be many.

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
)

// mapping is a map block. Keys are in lower case; a key gives an index of values.
type mapping struct {
	source    *Script
	hostnames bool
	exact     map[string]int
	heads     map[string]int // "example.com" of "*.example.com"
	tails     map[string]int // "www.example" of "www.example.*"
	regexes   []mapRegex
	values    []*Script
	fallback  *Script
}

type mapRegex struct {
	regex *Regex
	value int
}

// AddBlocks makes the variables of all map, geo and split_clients blocks of an http block.
func (t *Table) AddBlocks(http *conf.Directive) error {
	for d := range http.Children() {
		var err error
		switch d.Name {
		case "map":
			err = t.AddMap(d)
		case "geo":
			err = t.AddGeo(d)
		case "split_clients":
			err = t.AddSplitClients(d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// AddMap makes the variable of a map block, which package conf has checked.
func (t *Table) AddMap(d *conf.Directive) error {
	source, ok := d.Value.(conf.Script)
	if !ok || len(d.Args) != 2 {
		return fmt.Errorf("script: map in %s:%d was not checked", d.File(), d.Line())
	}
	m := &mapping{source: New(source, t), exact: map[string]int{}, heads: map[string]int{}, tails: map[string]int{}, fallback: new(Script)}
	flags := Changeable | Cached
	for e := range d.Children() {
		switch {
		case len(e.Args) == 0 && e.Name == "hostnames":
			m.hostnames = true
		case len(e.Args) == 0 && e.Name == "volatile":
			flags = Changeable
		default:
			if err := m.add(t, e); err != nil {
				return fmt.Errorf("%w in %s:%d", err, e.File(), e.Line())
			}
		}
	}
	return t.Add(strings.TrimPrefix(d.Args[1], "$"), m.append, flags)
}

// add takes one line of the block.
func (m *mapping) add(t *Table, e *conf.Directive) error {
	value, err := Compile(e.Args[0], t)
	if err != nil {
		return err
	}
	if e.Name == "default" {
		m.fallback = value
		return nil
	}
	index := len(m.values)
	m.values = append(m.values, value)
	if pattern, ok := strings.CutPrefix(e.Name, "~"); ok {
		pattern, caseless := strings.CutPrefix(pattern, "*")
		re, err := t.Regex(pattern, caseless)
		m.regexes = append(m.regexes, mapRegex{re, index})
		return err
	}
	return m.addKey(strings.ToLower(strings.TrimPrefix(e.Name, `\`)), index)
}

// addKey puts a key into the table of its form.
func (m *mapping) addKey(key string, index int) error {
	stars := strings.Count(key, "*")
	switch {
	case !m.hostnames:
		return put(m.exact, key, key, index)
	case strings.Contains(key, "..") || stars > 1:
	case strings.HasPrefix(key, "*.") && len(key) > 2:
		return put(m.heads, key[2:], key, index)
	case strings.HasSuffix(key, ".*") && len(key) > 2:
		return put(m.tails, key[:len(key)-2], key, index)
	case stars > 0:
	case strings.HasPrefix(key, ".") && len(key) > 1:
		if err := put(m.exact, key[1:], key, index); err != nil {
			return err
		}
		return put(m.heads, key[1:], key, index)
	default:
		return put(m.exact, key, key, index)
	}
	return fmt.Errorf(`invalid hostname or wildcard "%s"`, key)
}

func put(table map[string]int, key, text string, index int) error {
	if _, ok := table[key]; ok {
		return fmt.Errorf(`conflicting parameter "%s"`, text)
	}
	table[key] = index
	return nil
}

// append is the getter of the variable.
func (m *mapping) append(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	at := len(dst)
	dst = m.source.Append(c, dst)
	end := len(dst)
	if m.hostnames && end > at && dst[end-1] == '.' {
		end--
	}
	dst = appendLower(dst[:end], dst[at:end])
	value := m.find(c, dst[at:end], dst[end:])
	return value.Append(c, dst[:at]), true
}

// find chooses the value for a key, which low is in lower case.
func (m *mapping) find(c *pipeline.Ctx, key, low []byte) *Script {
	if i, ok := m.exact[string(low)]; ok {
		return m.values[i]
	}
	if m.hostnames {
		if i := m.findWildcard(low); i >= 0 {
			return m.values[i]
		}
	}
	if len(key) == 0 {
		return m.fallback
	}
	for i := range m.regexes {
		r := &m.regexes[i]
		switch found, err := r.regex.Exec(c, key); {
		case err != nil:
			return m.fallback
		case found:
			return m.values[r.value]
		}
	}
	return m.fallback
}

// findWildcard chooses the longest wildcard, one with the star in front first; -1 when none fits.
func (m *mapping) findWildcard(host []byte) int {
	for rest := host; len(m.heads) > 0; {
		dot := bytes.IndexByte(rest, '.')
		if dot < 0 {
			break
		}
		rest = rest[dot+1:]
		if i, ok := m.heads[string(rest)]; ok {
			return i
		}
	}
	for rest := host; len(m.tails) > 0; {
		dot := bytes.LastIndexByte(rest, '.')
		if dot < 0 {
			break
		}
		rest = rest[:dot]
		if i, ok := m.tails[string(rest)]; ok {
			return i
		}
	}
	return -1
}
