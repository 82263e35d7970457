package router

// Endpoint says what a pattern leads to. All of it is read by [Compile] and fixed afterwards.
type Endpoint struct {
	// Route is the caller's integer, handed back in [Match.Route]: an index into its own array of chains.
	Route int
	// Name makes the endpoint reversible (Django's name=). The same name may be declared several times.
	Name string
	// View is shown as the last part of [RouteInfo.ViewName] when there is no Name.
	View string
	// Methods restricts the endpoint; GET implies HEAD. The zero value takes every method, as Django's views do.
	Methods Methods
	// Kwargs are handed to the view beside what the pattern captures, and win over it (DJANGO.md U8).
	Kwargs map[string]any
}

// Scope says what an [Include] adds to the entries below it.
type Scope struct {
	// App is Django's app_name. It opens a namespace, called Namespace or else App.
	App string
	// Namespace is the instance namespace; without App it is an error.
	Namespace string
	// Kwargs win over what the prefix captures and lose to what the entries below capture or bring.
	Kwargs map[string]any
}

// form is the syntax that a pattern is written in.
type form uint8

const (
	formPath form = iota
	formRegex
	formMux
	formMount
)

// Entry is one line of a table: a pattern with an endpoint, or a prefix with the entries below it. Entries are made by
// [Path], [RePath], [Mux], [Mount], [Include] and [ReInclude], and tried in the order declared.
type Entry struct {
	pattern  string
	form     form
	include  bool
	endpoint Endpoint
	scope    Scope
	children []Entry
}

// Path is Django's path(): literal text with "<converter:name>" parameters, matched to the very end. The path's
// leading "/" is not part of the pattern: "articles/<int:year>/".
func Path(pattern string, e Endpoint) Entry {
	return Entry{pattern: pattern, form: formPath, endpoint: e}
}

// RePath is Django's re_path(): a regular expression (Go's syntax) searched in the path without its leading "/".
func RePath(regex string, e Endpoint) Entry {
	return Entry{pattern: regex, form: formRegex, endpoint: e}
}

// Mux takes a pattern of net/http's ServeMux: "GET /u/{id}", "/files/{rest...}", "/exact/{$}", "/subtree/". Unlike
// there, the first declared entry wins, whichever is more specific; [Compile] warns of what can never be reached. A
// method in the pattern is added to e.Methods. A host in the pattern is an error: see [Hosts].
func Mux(pattern string, e Endpoint) Entry {
	return Entry{pattern: pattern, form: formMux, endpoint: e}
}

// Mount hands a whole subtree to one endpoint. The prefix is written as for [Path], and may begin with "/". "api/" takes
// the paths that start with "/api/", "api" also "/api" itself, but not "/apis". [Match.Rest] is what the mounted handler
// gets to see: empty, or a path that begins with "/".
func Mount(prefix string, e Endpoint) Entry {
	return Entry{pattern: prefix, form: formMount, endpoint: e}
}

// Include is Django's include(): the prefix, written as for [Path], is matched alone and greedily, and what is left is
// tried against the children (DJANGO.md U6). When no child matches, the entry after the include is tried (U7).
func Include(prefix string, s Scope, children ...Entry) Entry {
	return Entry{pattern: prefix, form: formPath, include: true, scope: s, children: children}
}

// ReInclude is [Include] with a prefix written as for [RePath].
func ReInclude(regex string, s Scope, children ...Entry) Entry {
	return Entry{pattern: regex, form: formRegex, include: true, scope: s, children: children}
}
