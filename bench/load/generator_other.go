//go:build !linux

package load

import "errors"

// Run fails outside Linux: the generator is built on epoll.
func Run(Plan) (*Result, error) { return nil, errors.New("load: Linux only") }
