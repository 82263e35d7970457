//go:build !linux

package loop

import "errors"

// setTransparent has no counterpart that is used here.
func setTransparent(int, int) error { return errors.ErrUnsupported }
