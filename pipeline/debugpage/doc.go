// Package debugpage is the page that a developer sees when something fails: Django's technical 500 and technical 404 pages
// (django.views.debug). One line sets it up:
//
//	debugpage.Enable(app)
//
// It shows the error with its causes, the stack with the source around each place, the request, the routes that were tried
// for a 404, the compiled order of hooks and what each of them took, the settings that the application declared, and the
// versions that are running. An application without routes gets a page of welcome.
//
// # Forms
//
// The same report comes as HTML to a client that names text/html in Accept, as a problem (RFC 9457) to one that names
// application/json or application/problem+json, and as plain text to any other, curl among them: "*/*" alone is no wish for
// markup. The HTML needs no script and nothing from elsewhere, and its Content-Security-Policy allows nothing but its own
// style sheet.
//
// # Secrets
//
// A value is secret when the [Filter] says so of its name; the default is the expression of Django's
// SafeExceptionReporterFilter, and every cookie. Secret values are masked where they stand, and wherever else they occur:
// in the target, in the text of errors, in other values, encoded for URLs or quoted. Names with values in running text
// (name=value), the user information of URLs and Authorization or Cookie lines in messages are masked as well. A value
// shorter than six bytes is masked where it stands only, for it would be found everywhere.
//
// What cannot be known is not masked: a secret that an error quotes without having come with the request or the settings,
// one cut to pieces, one written into the source that the stack shows. So the page is for machines of developers, never for
// production.
//
// # Bounds
//
// Everything that comes from outside is cut: a value to 1 KiB, a list to 100 entries, a stack to 64 frames, the text of a
// whole report to 512 KiB. Source is read only from the files that the stack names, the first 64 KiB of each; that may block
// the reactor for as long as the disk takes when the handler was Inline. Bytes that a terminal or a reader would take for
// something else are escaped. A fault of the page itself, or of the Filter, ends in the plain page (pipeline.ErrorPage).
package debugpage
