package resolver

import "sync/atomic"

// Stats count what a resolver did since it was made: what NGINX's API shows of a resolver with status_zone.
type Stats struct {
	// Names, Services and Addresses are the questions by what was asked.
	Names, Services, Addresses uint64
	// NoError to Unknown are the responses of name servers; Unknown are also those that make no sense.
	NoError, FormatError, ServerFailure, HostNotFound, Unimplemented, Refused, Unknown uint64
	// TimedOut counts the lookups that ended so.
	TimedOut uint64
}

type counts struct {
	questions [3]atomic.Uint64
	responses [7]atomic.Uint64 // by code, then those that are not one
	timedOut  atomic.Uint64
}

// response counts a message from a name server. A code with an error counts, too: NGINX ignores some of them.
func (c *counts) response(code Code, err error) {
	if code == 0 && err != nil || code > Refused {
		code = Refused + 1
	}
	c.responses[code].Add(1)
}

// Stats returns the counts of now.
func (r *Resolver) Stats() Stats {
	q, a := &r.counts.questions, &r.counts.responses
	return Stats{
		Names: q[hosts].Load(), Services: q[services].Load(), Addresses: q[reverse].Load(),
		NoError: a[0].Load(), FormatError: a[FormatError].Load(), ServerFailure: a[ServerFailure].Load(),
		HostNotFound: a[HostNotFound].Load(), Unimplemented: a[Unimplemented].Load(), Refused: a[Refused].Load(),
		Unknown: a[Refused+1].Load(), TimedOut: r.counts.timedOut.Load(),
	}
}
