// Package gzip compresses responses with gzip, as NGINX's gzip filter does.
//
// A response that never changes and has an entity tag, above all a static file, is compressed once and its gzip form kept
// and sent from memory; see package filter, whose Coding this configures. What differs from NGINX: such a response has a
// Content-Length, and the compressor is not zlib, so the compressed bytes are others.
//
// The place of the filter among others is filter.Order: the outermost, because it makes bodies that no other filter can read.
package gzip
