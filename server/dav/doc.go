// Package dav changes files by HTTP: PUT, DELETE, MKCOL, COPY and MOVE, as NGINX's dav module does (RFC 4918 without
// properties and locks).
//
//	PUT ──▶ temporary file beside the target ──▶ rename        201 for a new file, 204 for a replaced one
//	DELETE, MKCOL                                               204, 201
//	COPY, MOVE ──▶ Destination ──▶ within the same tree         201 for collections, 204 for files
//
// # Terms
//
// A collection is a directory; its URI ends with "/". Destination and Overwrite are RFC 4918's fields, Depth says whether
// what is in a collection is meant as well.
//
// # Invariants
//
//   - What a client sends becomes visible whole or not at all: a body that breaks off leaves no file.
//   - The URI and the Destination are decoded and free of dot segments before a path is made of them.
//   - Symbolic links are deleted, not followed, and not copied.
//
// # Where it differs from NGINX
//
// The temporary file of a PUT lies beside its target, not in client_body_temp_path, so that the rename is always atomic. A
// PUT whose directory is missing is 409 (RFC 4918 section 9.7.1); NGINX fails with 500. With an alias, a Destination outside
// the location is 400; NGINX takes it for a path within.
//
// # Limits
//
//	                         here                  NGINX
//	bytes of a PUT           client_max_body_size  client_max_body_size
package dav
