package script

import "unsafe"

// viewString is b as a string without a copy; whoever uses it must not outlive b.
func viewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
