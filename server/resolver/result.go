package resolver

import (
	"fmt"
	"net/netip"
	"time"
)

// A Result is the answer to a question. What its slices hold is shared and must not be changed; it may be kept.
type Result struct {
	// Name is what was asked for, in lower case and without the last dot; the name that LookupAddr found.
	Name string
	// Addrs are the addresses of a name, at least one, IPv4 first. From the cache they are rotated by a random number.
	Addrs []netip.Addr
	// Services are the addresses of a service, at least one, in the order in which they are to be tried: by priority, and
	// among equals by a random choice that heeds the weights (RFC 2782).
	Services []Service
	// Valid is until when the answer holds. That of an error is when it makes sense to ask again.
	Valid time.Time
	// Err is nil or an *Error.
	Err error
}

// A Service is one address of a service.
type Service struct {
	Addr netip.AddrPort
	// Name is the host's.
	Name             string
	Priority, Weight uint16
}

// A Code says why there is no answer: an RCODE of DNS (RFC 1035 section 4.1.1) or TimedOut.
type Code int

const (
	// FormatError and the following are from a name server.
	FormatError   Code = 1
	ServerFailure Code = 2
	HostNotFound  Code = 3
	Unimplemented Code = 4
	Refused       Code = 5
	// TimedOut: there was no answer within the timeout, or the resolver was closed.
	TimedOut Code = 110
)

// String returns NGINX's words.
func (c Code) String() string {
	switch c {
	case FormatError:
		return "Format error"
	case ServerFailure:
		return "Server failure"
	case HostNotFound:
		return "Host not found"
	case Unimplemented:
		return "Unimplemented"
	case Refused:
		return "Operation refused"
	case TimedOut:
		return "Operation timed out"
	}
	return "Unknown error"
}

// An Error says that a question has no answer.
type Error struct {
	Name string
	Code Code
}

// Error returns NGINX's words: "a.example could not be resolved (3: Host not found)".
func (e *Error) Error() string {
	return fmt.Sprintf("%s could not be resolved (%d: %s)", e.Name, int(e.Code), e.Code)
}

// NoResolver is what NGINX says, with the name behind it, when a name must be resolved and there is no resolver directive.
const NoResolver = "no resolver defined to resolve "

func failure(name string, code Code, valid time.Duration) Result {
	if valid <= 0 {
		valid = errorValid
	}
	return Result{Name: name, Valid: time.Now().Add(valid), Err: &Error{name, code}}
}
