// Hot: runs for every response; no allocation, no map, no defer.

package cgi

// Status says which status the head of a CGI response means: the number that begins its Status field, or without one 302
// when there is a Location, else 200 (RFC 3875 section 6.3.3 and 6.2.3). status is the value of the Status field, nil when
// there is none.
//
// reason is the text to be sent behind the number, a view of status; it is empty when the server shall use its own. ok is
// false for a status that does not begin with a number from 100 to 999: NGINX says "upstream sent invalid status" and
// answers 502 (but takes 000 to 099, and 2000 for 200).
func Status(status []byte, location bool) (code int, reason []byte, ok bool) {
	switch {
	case status != nil:
		return parseStatus(status)
	case location:
		return 302, nil, true
	}
	return 200, nil, true
}

func parseStatus(s []byte) (code int, reason []byte, ok bool) {
	if len(s) < 3 || s[0] == '0' {
		return 0, nil, false
	}
	for _, c := range s[:3] {
		if c < '0' || c > '9' {
			return 0, nil, false
		}
		code = code*10 + int(c-'0')
	}
	s = s[3:]
	if len(s) > 0 && '0' <= s[0] && s[0] <= '9' {
		return 0, nil, false
	}
	if len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	return code, s, true
}
