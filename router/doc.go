// Package router finds, for a method and a path, the small integer that says what to do, and for a name the path.
//
// It has two fronts. [Compile] takes the patterns of an application, by Django's rules (and in the syntax of net/http's
// ServeMux, if you like); [CompileLocations] takes the location blocks of an nginx.conf, by NGINX's. [CompileHosts]
// chooses among tables by the host. All are compiled at load and immutable; looking up neither locks nor allocates.
//
//	table, warnings, err := router.Compile([]router.Entry{
//		router.Path("articles/<int:year>/", router.Endpoint{Route: 0, Name: "year"}),
//		router.Include("polls/", router.Scope{App: "polls"},
//			router.Path("", router.Endpoint{Route: 1, Name: "index"}),
//			router.Path("<int:pk>/", router.Endpoint{Route: 2, Name: "detail"}),
//		),
//		router.Mux("GET /files/{rest...}", router.Endpoint{Route: 3}),
//	}, router.Config{})
//
// # Terminology
//
// An entry is a line of the table: an endpoint, or an include with entries below it. The endpoints are numbered in
// declared order, depth first: that is their index. A route is the caller's integer of an endpoint; several endpoints may
// have the same. A parameter is written in a pattern, its value is captured into a slot; what a view gets by name are its
// keyword arguments: captured values and declared ones.
//
// # The first declared wins
//
// That is Django's rule and it holds for every form of pattern, [Mux] too. ServeMux prefers the more specific pattern
// and refuses two of which neither is; here "/u/{id}" declared before "/u/me" takes "/u/me", and Compile warns of the
// latter. The path is percent-decoded before it is matched ("%2F" parts segments), there is no redirect to the cleaned
// path, and "/tree/" does not redirect "/tree": see [Table.FindSlashed].
//
// # How the order survives in a tree
//
// A pattern becomes steps: literal text; a run of one kind, when the parameter's end is certain because what follows
// cannot be part of it; or a unit, for the rest of a pattern with parameters whose ends must be tried, for custom
// converters and for regular expressions. Every step has one result at a given place, and an include's prefix is matched
// alone (DJANGO.md U6), so steps can be shared: endpoints with equal first steps share the nodes behind them.
//
//	articles/ ─┬─ 2003/ ● 0
//	           └─ ‹int› ─ / ─┬─ ● 1
//	                         └─ ‹int› ─ / ● 2
//
// Every node knows the lowest index at or below it. The search goes first where the lowest is, and not at all where all
// indices are above that of a match it has. Each node is visited at most once, so the worst a path can do is to make the
// router look at every entry, and the tries inside a unit are bounded, too (a regular expression takes over).
//
// # Methods
//
// An endpoint with methods that does not take the request's is passed over, as if it did not match, but remembered: if
// nothing matches, the verdict is [MethodNotAllowed] or [AnswerOptions] with the methods that would have been taken. GET
// implies HEAD. An endpoint without methods takes all, as a Django view does.
//
// # Where this differs from Django
//
//   - An int that does not fit an int64 does not match (U3).
//   - Regular expressions are Go's: no look-around and no back-references (refused at load), \d, \w and \s are ASCII, "$"
//     is the very end (U10). \Z is understood.
//   - A literal "%" in a route, an inline flag, or a name captured twice in a chain do not hinder reversing (U13).
//   - A converter's error other than a refusal is reported for the entry that comes first in declared order (U4).
//
// # Limits
//
// See limits.go: [MaxParams] values per route, [MaxDepth] levels of includes, paths of [MaxPath] bytes. A path is hostile
// input; patterns are not.
//
// # Figures
//
// In one run on one core: with 10,000 routes of three parameters, visited so that no cache helps, Find takes 0.15 of the
// time of net/http's ServeMux (which allocates 3 times), and 0.35 of it for a literal path; on this scale a literal path
// is 0.16 and a path that is not found 0.06 of one among the 10,000. Nothing is allocated in any of them.
package router
