package pipeline

import (
	"strconv"
	"unsafe"
)

// bytesOf is s as bytes without a copy; nobody may write to them.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

func itoa(n int) string { return strconv.Itoa(n) }
