// Package script runs what nginx.conf says about values: variables, texts with variables in them, map, geo and
// split_clients, regular expressions with their captures, and the program of the rewrite module.
//
//	load:     conf.Script ──Compile──▶ [Script]      conf.Directive ──NewProgram──▶ [Program]
//	                          │                                         │
//	                          └──────────▶ [Table] ◀────────────────────┘   names, each becomes a [Variable]
//	                                         │ Resolve: unknown "foo" variable
//	request:  Script.Append(c, dst)          Program.Run(c) → [Outcome]
//
// # Terms
//
// A variable is a name with a [Getter]. A prefix is the beginning of the names of a family: "arg_", "http_". A script is
// a text cut at its variables. A slot is the place of a variable's value in the state of a request. A capture is what a
// group of the last regular expression matched, $1 to $9 or a variable of the group's name.
//
// # Values
//
// A [Getter] appends its value, so that a script of ten variables is written to the log in one buffer. What a request
// keeps (values that set, map and captures made) lies in its state, which is pooled and is taken only when the first of
// them is made: a request without them pays nothing, and one with them allocates nothing either.
//
// NGINX keeps the value of most variables from their first use on. Here only those are kept where one can tell: what set
// stored, captures, map, geo and split_clients unless volatile, $request_id. Others are read from the request each time,
// which is faster, and gives the value of now where NGINX gives that of the first use ($bytes_sent, $sent_http_...).
//
// A value is made in one pass. NGINX makes it in two, the first for its length, so that a map with an expression beside $1
// changes that $1 in NGINX and does not here.
//
// # What the server knows
//
// A variable of the location or the connection ($document_root, $connection) comes from [Env], which the server puts on
// the Ctx with [SetEnv]. Without one they have the values of [NoEnv].
//
// # Invariants
//
//   - Scripts, tables and programs do not change after [Table.Resolve] and may be shared by all goroutines.
//   - The state of a request is used by the goroutine that has its Ctx.
//   - Nothing in a state points into the head of the request, which may move.
//   - A request cannot make a variable recurse without end, nor an expression run without end.
//
// # Limits
//
//	                               here                      NGINX
//	nesting of variables           100                       100
//	one match, linear matcher      branches × bytes ≤ 2^24   10^7 steps
//	one match, regexp2             250 ms                    10^7 steps
//	captures by number             $1 to $9                  $1 to $9
package script
