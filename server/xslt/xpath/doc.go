// Package xpath is XPath 1.0 (W3C, 16 November 1999) over a tree of an XML document, with the patterns of XSLT 1.0.
//
// # From bytes to nodes
//
//	Parse ──▶ prepare: entities, attribute values ──▶ encoding/xml ──▶ Builder ──▶ *Node, the root
//	Compile ──▶ *Expr ──▶ Eval(Context) ──▶ Value: NodeSet, float64, string, bool
//	CompilePattern ──▶ *Pattern ──▶ Matches(Context)
//
// A tree is read by any number of goroutines once it is built; a Context is one goroutine's. Node.Order is the document order,
// trees in the order they were begun.
//
// # Hostile documents
//
// A document makes nothing be read: an external entity, or an external subset, is empty. Entities of the internal subset, and
// those that the caller knows, are expanded. What a document may cost is bounded:
//
//	bound          here                               libxml2 2.9
//	depth          MaxDepth, 256 elements             256
//	nodes          MaxNodes, 4 million                none
//	entities       MaxExpanded, 8 MiB of their text   an amplification of 5 beyond 1 MB
//	               maxEntityDepth, 20 in each other   40
//	an expression  Run.Steps nodes visited            none
//	               maxNesting, 100 in each other      5,000
//
// # What is not there
//
// Attributes that a DTD gives a value or the type ID: id() finds xml:id. The text of a number has 15 digits, as libxml2's, and
// never an exponent. Documents are in UTF-8, UTF-16 with its mark, US-ASCII or ISO-8859-1.
package xpath
