// Package conf reads nginx.conf: text becomes a tree of directives, and the tree is checked against a table that knows
// every directive of NGINX.
//
//	file ──lexer──▶ words ──parser──▶ [Config], a tree of [Directive] ──checker──▶ Row and Value of each, and [Errors]
//	                          ▲ include                                  ▲ table_*.go
//
// Read lexer.go for how a text is cut into words, parse.go for the tree and for include, row.go for the columns of the
// table, check.go for the walk. The table itself is one row per directive and context, in a file for each group of
// NGINX's modules. COMPATIBILITY.md is written from it.
//
// # Terms
//
// A directive is a name with arguments, ended by ";" or by a block in braces. A context is where it may stand. An entry
// is a line of a block that holds data: map, geo, types. A script is a value cut at its variables.
//
// # Errors
//
// The first line of an error is NGINX's to the byte, so that what reads it keeps working: the text, then " in FILE:LINE",
// where LINE is the one NGINX names, that of the ";" or brace which ends the directive. Below it the exact place is shown,
// and a hint. NGINX stops at its first error; here all are reported, in the order NGINX would meet them, because syntax
// errors are kept in the tree as nodes and found by the same walk as errors of meaning.
//
// # Invariants
//
//   - Parsing never fails and never panics; what is wrong becomes a node.
//   - After [Load] without fatal errors each directive has its Row, and its Value when the row has a check.
//   - Whatever stands in a configuration is supported, or accepted with a warning, or refused with a reason; nothing is
//     ignored in silence. [Options.Serving] makes that true for directives that the table knows and nothing executes.
//   - A configuration is bounded: see limits.go.
//
// # Why not a ready-made parser
//
// nginx-go-crossplane v0.4.84 was tried: it gives lines and no columns, leaves \t and \n in a word where NGINX replaces
// them, takes "a"b for two words where NGINX refuses it, has texts of its own for syntax errors, and its tables say
// nothing about values. The grammar is small, so the lexer here follows ngx_conf_read_token by itself, and the tests
// compare it with nginx -t.
package conf
