package router

// Hot: runs for every request; no allocation, no map, no defer. The accessors that build maps or slices say so.

// Verdict is the answer of [Table.Find].
type Verdict uint8

const (
	// NotFound: no entry matches the path (404).
	NotFound Verdict = iota
	// Found: Match.Route and the parameters are set.
	Found
	// MethodNotAllowed: entries match the path, none takes the method; Match.Allow lists what they take (405,
	// RFC 9110 section 15.5.6).
	MethodNotAllowed
	// AnswerOptions: the method is OPTIONS, entries match the path and none takes OPTIONS itself; answer with
	// Match.Allow (RFC 9110 section 9.3.7).
	AnswerOptions
	// Failed: a converter's Parse broke; Match.Err has the error (500).
	Failed
)

// absent marks the span of a group that did not take part.
const absent = 1<<32 - 1

// span is a captured value: path[start:end]. num is the value of KindInt, or the index into values for KindCustom.
type span struct {
	start, end uint32
	num        int64
}

// Match receives the result of [Table.Find]. Its zero value is ready; reuse it (a pooled request context holds one). It
// keeps the path that was given to Find, so its strings live as long as that. One goroutine at a time.
type Match struct {
	// Route is the integer of the endpoint; valid with Found.
	Route int
	// Allow has the methods of the entries that match; valid with MethodNotAllowed and AnswerOptions. OPTIONS is in it.
	Allow Methods
	// Err is the converter's error; valid with Failed.
	Err error

	path     string
	endpoint *endpoint // nil unless Found
	rest     int       // offset behind what the endpoint's pattern took

	// While searching: cur[:slot] are the values captured on the way to the node at hand; found[:] are copied from it
	// when a node wins, because the search goes on and overwrites cur.
	best       int32 // lowest declared index that matched so far
	method     Methods
	cur, found [MaxParams]span
	values     []any // made by custom converters
}

func (m *Match) reset(path string, method Methods) {
	m.Route, m.Allow, m.Err = -1, 0, nil
	m.path, m.endpoint, m.rest = path, nil, 0
	m.best = noIndex
	m.method = method
	if method == Any {
		m.method = everyMethod
	}
	if len(m.values) > 0 {
		clear(m.values)
		m.values = m.values[:0]
	}
}

// Reset forgets what was found, and the path with it.
func (m *Match) Reset() { m.reset("", 0) }

// Path returns the path given to Find.
func (m *Match) Path() string { return m.path }

// Rebase tells m that the path it was found for now lies elsewhere: path must be a copy of it. For a request whose bytes
// move while it is being answered.
func (m *Match) Rebase(path string) {
	if len(path) == len(m.path) {
		m.path = path
	}
}

// Rest returns what the pattern left over: for a mount the path that the mounted handler sees.
func (m *Match) Rest() string { return m.path[m.rest:] }

// Info describes the endpoint found; nil when there is none. The same pointer for every match of it.
func (m *Match) Info() *RouteInfo {
	if m.endpoint == nil {
		return nil
	}
	return &m.endpoint.info
}

// Param returns the text of the keyword argument name: captured by the pattern, or printed from the declared kwargs.
// Captured text is a view of the path.
func (m *Match) Param(name string) (string, bool) {
	f := m.field(name)
	switch {
	case f == nil:
		return "", false
	case f.slot < 0:
		return f.text, true
	}
	return m.text(int(f.slot)), true
}

// Int returns the keyword argument name if it was captured by an int converter, or declared as an int or int64.
func (m *Match) Int(name string) (int64, bool) {
	f := m.field(name)
	switch {
	case f == nil:
		return 0, false
	case f.slot < 0:
		return f.num, f.kind == KindInt
	}
	return m.found[f.slot].num, f.kind == KindInt
}

// Value returns the keyword argument name as Django's view would get it: an int64, a string, the value of a custom
// converter, or the declared value. It may allocate.
func (m *Match) Value(name string) (any, bool) {
	f := m.field(name)
	if f == nil {
		return nil, false
	}
	return m.value(f), true
}

// NumParams is the number of keyword arguments; some may be absent, see [Match.ParamAt].
func (m *Match) NumParams() int {
	if m.endpoint == nil {
		return 0
	}
	return len(m.endpoint.fields)
}

// ParamAt returns the i-th keyword argument in order of precedence, the innermost first; ok is false for an optional
// group that did not take part. A name can come twice when an optional group stands before a value of the same name.
func (m *Match) ParamAt(i int) (name, text string, ok bool) {
	f := &m.endpoint.fields[i]
	switch {
	case f.slot < 0:
		return f.name, f.text, true
	case m.found[f.slot].start == absent:
		return f.name, "", false
	}
	return f.name, m.text(int(f.slot)), true
}

// field finds the value of name that wins: the fields are in order of precedence.
func (m *Match) field(name string) *field {
	if m.endpoint == nil {
		return nil
	}
	fields := m.endpoint.fields
	for i := range fields {
		f := &fields[i]
		if f.name == name && (f.slot < 0 || m.found[f.slot].start != absent) {
			return f
		}
	}
	return nil
}

func (m *Match) text(slot int) string {
	s := m.found[slot]
	return m.path[s.start:s.end]
}

func (m *Match) value(f *field) any {
	switch {
	case f.slot < 0:
		return f.value
	case f.kind == KindInt:
		return m.found[f.slot].num
	case f.kind == KindCustom:
		return m.values[m.found[f.slot].num]
	}
	return m.text(int(f.slot))
}

// Kwargs returns the keyword arguments as a map, as Django's resolver_match has them. It allocates.
func (m *Match) Kwargs() map[string]any {
	kwargs := map[string]any{}
	for i := m.NumParams() - 1; i >= 0; i-- {
		f := &m.endpoint.fields[i]
		if f.slot < 0 || m.found[f.slot].start != absent {
			kwargs[f.name] = m.value(f)
		}
	}
	return kwargs
}

// Args returns the positional arguments: the unnamed groups of the regular expressions, those of an outer pattern only
// if neither it nor anything inside it has keyword arguments (DJANGO.md U9). A group that did not take part is nil. It
// allocates when there are any.
func (m *Match) Args() []any {
	if m.endpoint == nil {
		return nil
	}
	var args []any
	named := false
	for i := len(m.endpoint.layers) - 1; i >= 0; i-- {
		l := &m.endpoint.layers[i]
		named = named || m.hasKwargs(l)
		if i < len(m.endpoint.layers)-1 && named || !l.positional {
			continue
		}
		args = append(m.groups(l), args...)
	}
	return args
}

// hasKwargs reports whether a layer contributes any keyword argument to this match.
func (m *Match) hasKwargs(l *layer) bool {
	if l.static || l.positional {
		return l.static
	}
	for slot := l.from; slot < l.to; slot++ {
		if m.found[slot].start != absent {
			return true
		}
	}
	return false
}

func (m *Match) groups(l *layer) []any {
	args := make([]any, 0, l.to-l.from)
	for slot := l.from; slot < l.to; slot++ {
		if m.found[slot].start == absent {
			args = append(args, nil)
			continue
		}
		args = append(args, m.text(slot))
	}
	return args
}
