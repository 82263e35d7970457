// Package xslt transforms XML responses by stylesheets: NGINX's XSLT filter, with an XSLT 1.0 processor of its own.
//
// # The story
//
//	Load ──▶ *Stylesheet: instructions that were compiled from elements, rules by mode, keys, the output
//	Filter: the body, as a whole, on a worker ──▶ xpath.Parse ──▶ Apply, for each stylesheet of the chain ──▶ Write ──▶ the body
//
// A Stylesheet is read by any number of goroutines; a transformation (exec) is one goroutine's.
//
// # What is there
//
// XSLT 1.0 (W3C, 16 November 1999), and node-set() of EXSLT. A stylesheet with anything else is refused by Load, with its file
// and line: extension elements without xsl:fallback, functions that are not known, document() of what is no literal, encodings
// other than UTF-8, ISO-8859-1 and US-ASCII. Texts are sorted by code points; case-order and lang are passed over. What
// xsl:message says goes nowhere, unless it terminates.
//
// What comes out is what libxslt writes, but for what the standard leaves open or says otherwise: the order of the attributes of
// attribute sets, the prefixes of xsl:namespace-alias, white space that xml:space preserves, hyphens in comments, numbers of more
// than nine digits.
//
// # The filter
//
// It works on a worker. On a reactor it readies the response and returns pipeline.ErrOffload: whoever runs the hooks, package
// front, calls it again there. It answers HEAD as GET, but that of an upstream, which has no body, keeps its type.
//
// # What may be read
//
// xsl:import, xsl:include and document() are resolved by Load, within the directory of the stylesheet. A transformation reads
// nothing: neither the document nor a parameter can name a file; see package xpath for entities.
//
// # Limits
//
//	                       here                     NGINX with libxslt
//	body                   MaxBody, 16 MiB          none
//	stylesheet             MaxSheet, 4 MiB          none
//	files of a stylesheet  maxFiles, 64             none
//	templates in progress  maxTemplates, 3,000      3,000
//	nodes visited          MaxSteps, 20 million     none
//
// The bounds of documents and results are those of package xpath. What passes a bound is answered with 500.
package xslt
