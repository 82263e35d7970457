// Package sub replaces strings in responses: NGINX's sub filter.
//
// # What is found
//
// Strings are compared without regard to case (ASCII). The leftmost match counts, of several at one place that of the string
// configured first, and what was put in is not searched again. With "once", which is the default, each string is replaced
// the first time it is found. The result does not depend on the pieces a stream comes in; of its end no more is held back
// than the longest string less one byte.
//
// That is NGINX's result but for one thing: at the end of a body NGINX gives up on what began like a longer string, and does
// not look for the shorter ones in it.
//
// # Which responses
//
// Those of the configured types that have a body. One in a coding is left alone, having no text; so is a range (206), which
// NGINX makes after this filter: see Changes. A response that is looked through loses Content-Length when it is a stream,
// Accept-Ranges, and Last-Modified and ETag unless these are kept.
//
// # Limits
//
// 255 strings, as in NGINX.
package sub
