//go:build !linux

package pin

import "errors"

var errLinuxOnly = errors.New("pin: Linux only")

func setThread(int) (func(), error) { return nil, errLinuxOnly }

// CPUs is empty outside Linux.
func CPUs() []int { return nil }

// RaiseFileLimit fails outside Linux.
func RaiseFileLimit() (uint64, error) { return 0, errLinuxOnly }
