// Package format lays out the text of an nginx.conf, as gofmt does for Go.
//
//	text ──scanner──▶ tokens: words as they were written, comments, line breaks ──printer──▶ lines ──align──▶ text
//
// What a configuration says is not touched: words keep their quotes and escapes, directives their order, comments their
// place, and a list that was broken into lines stays broken there. What changes is the space between:
//
//   - four spaces for each block around a directive, and for a line that continues one;
//   - one directive, and one closing brace, on a line; the opening brace ends its line; an empty block is {};
//   - one space between words, none before a semicolon;
//   - one empty line where there were several, none at the beginning and at the end of a block or file;
//   - in blocks that hold data (types, map, geo, split_clients, charset_map) the values stand in a column;
//   - comments behind directives on adjacent lines stand in a column;
//   - lines end with LF, and have no spaces at their end. Quoted text and blocks of Lua are left as they are.
//
// # Invariants
//
// Formatting what was formatted changes nothing. [Source] reads what it wrote again with package conf, which has a scanner of
// its own, and compares the directives; it returns an error rather than a text that means something else.
//
// # Limits
//
// Those of package conf: a text with a syntax error is refused with conf's errors.
package format
