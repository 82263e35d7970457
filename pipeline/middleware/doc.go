// Package middleware holds the built-in middleware, one file each, with the names, options and defaults of Django or of
// the field.
package middleware
