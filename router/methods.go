package router

import "strings"

// Methods is a set of request methods. Bit i stands for the method that loop/http1 numbers i, so a parsed method
// becomes a set by one shift; the two lists must be kept the same.
type Methods uint16

// The methods of RFC 9110 section 9.3 and RFC 5789. OTHER stands for every method that the parser does not number.
const (
	OTHER Methods = 1 << iota
	GET
	HEAD
	POST
	PUT
	DELETE
	CONNECT
	OPTIONS
	TRACE
	PATCH
)

// Any is the empty set: as the methods of a route it means that the route takes every method (as a Django view
// does), as the method asked for it means that the method does not matter.
const Any Methods = 0

const everyMethod Methods = 1<<16 - 1

var methodNames = [...]string{"OTHER", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// MethodOf returns the set that holds the method called name (case-sensitive, RFC 9110 section 9.1): OTHER when this
// package does not know it. A linear look-up, meant for load time.
func MethodOf(name string) Methods {
	for i, n := range methodNames {
		if i > 0 && n == name {
			return 1 << i
		}
	}
	return OTHER
}

// String lists the set as an Allow field does: "GET, HEAD, OPTIONS". Any and OTHER have no place in that field and are
// left out. It allocates; a server keeps the few texts it needs.
func (m Methods) String() string {
	var names []string
	for i, n := range methodNames {
		if i > 0 && m&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

// accepted closes a declared set: Any takes everything, and GET answers HEAD too (RFC 9110 section 9.3.2).
func (m Methods) accepted() Methods {
	switch {
	case m == Any:
		return everyMethod
	case m&GET != 0:
		return m | HEAD
	}
	return m
}
