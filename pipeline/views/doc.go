// Package views is what handlers are written with.
package views
