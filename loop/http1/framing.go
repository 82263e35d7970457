// Hot: runs for every request; no allocation, no map, no defer.

package http1

import "math"

// The fields that decide where a message ends and whose it is. Every doubt is a refusal: two servers that read the
// framing differently are what request smuggling needs (RFC 9112 section 11.2).

// known notes a field the parser itself must understand.
func (r *Request) known(b []byte, f *Field) Verdict {
	bit := uint64(1) << f.ID
	again := r.seen&bit != 0
	if !again {
		r.seen |= bit
		r.first[f.ID] = uint16(len(r.Fields))
	} else {
		r.repeated |= bit
	}
	value := f.Value.Of(b)
	switch f.ID {
	case Host:
		if again {
			return DuplicateHost
		}
		if !validAuthority(value, true) {
			return BadHost
		}
		if r.Form != FormAbsolute && r.Form != FormAuthority {
			r.Authority = f.Value
		}
	case ContentLength:
		// Equal repetitions are refused as well: to accept "5, 5" is only a MAY (RFC 9110 section 8.6), and the
		// next server may take the list for a number.
		if again {
			return DuplicateLength
		}
		n, ok := parseLength(value)
		if !ok {
			return BadContentLength
		}
		r.Length = n
	case TransferEncoding:
		if again {
			return DuplicateEncoding
		}
		if len(value) == 0 {
			return BadEncoding // as a rule the first line of a folded one
		}
		// Not a list either: what "gzip, chunked" or "chunked, identity" means to the next server is its secret. It is refused
		// at the end of the head, because a second one is a worse fault.
		if !equalFold(value, "chunked") {
			r.connection |= saidEncodingOther
		}
	case Connection:
		r.connection |= connectionOptions(value)
	case Expect:
		if !equalFold(value, "100-continue") {
			r.connection |= saidExpectOther
		} else {
			r.connection |= saidContinue
		}
	}
	return Partial
}

// connectionOptions reads the options of one Connection field (section 9.6), a list of tokens.
func connectionOptions(list []byte) (said uint8) {
	switch string(list) { // what most say
	case "keep-alive":
		return saidKeepAlive
	case "close":
		return saidClose
	}
	for len(list) > 0 {
		option, rest := cut(list, ',')
		switch option = trimmed(option); {
		case equalFold(option, "close"):
			said |= saidClose
		case equalFold(option, "keep-alive"):
			said |= saidKeepAlive
		case equalFold(option, "upgrade"):
			said |= saidUpgrade
		}
		list = rest
	}
	return said
}

// finish checks what only the whole head can tell.
func (r *Request) finish() Verdict {
	if r.connection&saidEncodingOther != 0 {
		return UnknownEncoding
	}
	if r.Minor > 0 && !r.Has(Host) {
		return MissingHost // section 3.2, an absolute target included
	}
	if r.Has(TransferEncoding) {
		if r.Minor == 0 {
			return EncodingOnHTTP10 // section 6.1: the framing of such a message is faulty
		}
		if r.Has(ContentLength) {
			return LengthAndEncoding // section 6.3: an attempt to smuggle
		}
		r.Length = -1
	}
	if r.Minor > 0 && r.connection&saidExpectOther != 0 {
		if r.repeated&(1<<Expect) != 0 {
			return DuplicateExpectation
		}
		return BadExpectation
	}
	r.Expect100 = r.ExpectsContinue() && r.Length != 0 // an HTTP/1.0 client would take 100 for the answer
	r.KeepAlive = r.connection&saidClose == 0 && (r.Minor > 0 || r.connection&saidKeepAlive != 0)
	r.HasUpgrade = r.Minor > 0 && r.connection&saidUpgrade != 0 && r.Has(Upgrade)
	return Complete
}

// parseLength parses 1*DIGIT (RFC 9110 section 8.6) that fits an int64. No sign, no space, no list.
func parseLength(b []byte) (int64, bool) {
	if len(b) == 0 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if class[c]&isDigit == 0 {
			return 0, false
		}
		d := int64(c - '0')
		if n > (math.MaxInt64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}
