// Package ssi executes server-side includes in responses, as NGINX's SSI filter does.
//
//	<!--#include virtual="/header?$args" stub="none" -->   or file=, with set="name" instead of stub, wait="yes"
//	<!--#echo var="name" default="-" encoding="none|url|entity" -->
//	<!--#set var="name" value="text $other" -->
//	<!--#if expr="$name" --> … <!--#elif expr="$a != text" --> … <!--#else --> … <!--#endif -->   also = /regex/
//	<!--#block name="none" --> … <!--#endblock -->
//	<!--#config errmsg="oops" timefmt="%H:%M" -->
//
// # How it runs
//
// A parser takes the body byte by byte (parse.go), so that the pieces of a stream make no difference; what is text goes on,
// a command is run (commands.go) when its "-->" has been seen. A body in memory that has no command is left where it is. One
// that includes something becomes a stream, because subrequests wait.
//
// Variables that the commands set, blocks and the captures of the last regular expression belong to the whole answer: what is
// included sees them, and may set them. Share carries them over to the request of a subrequest.
//
// Included bodies are made at the same time (include.go): each has a goroutine, which goes on alone until it waits for somebody
// else; then the page goes on, and what it says is queued behind the body (inclusion.go). wait="yes" and set have the page wait.
//
//	page     text ── include 1 ─┐   ┌─ text ── include 2 ─┐   ┌─ text          queue: [1, text] [2, text]
//	body 1                      └───┴─ waits ═════════════════════ its bytes   sent: text, 1, text, 2, text
//	body 2                                                └───┴─ waits ═══════
//
// # What differs from NGINX
//
// A page sees the variables that an included body sets before it waits, behind the command; in NGINX behind the buffer with the
// command. A block in the place of an included body sees the variables of the page it stands in, each time, where NGINX has those
// of the included request, the first time. A "<" at the very end of a body is not lost.
// Regular expressions are those of Config.Compile, Go's by default.
//
// # Limits
//
// NGINX's: 32 bytes for the name of a command or parameter, 16 parameters, 255 bytes for a value (ssi_value_length). A body
// within a body within a body may go 50 deep, as subrequests in NGINX, and an answer has at most 16,384 of them (NGINX: 64,535 at a
// time); a block holds up to 1 MiB, and so does a
// value made of several variables (NGINX: no bound). Of a page 16 included bodies are under way, each at most 64 KiB ahead of what
// is sent, and with more than 64 of all pages of an answer they are made one after the other; a page goes on for 1 MiB behind a
// body that is awaited (NGINX: no bounds).
package ssi
