// Package pool holds what a running server reuses instead of allocating: buffers by size class and the worker goroutines.
package pool
