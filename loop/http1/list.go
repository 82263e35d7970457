// Hot: no allocation, no map, no defer.

package http1

// NextToken splits a comma-separated list (RFC 9110 section 5.6.1): the first non-empty element without white space around
// it, and the rest. The element is empty at the end of the list. Commas within quoted strings do not count.
func NextToken(list []byte) (elem, rest []byte) {
	for len(list) > 0 {
		end, quoted := 0, false
		for end < len(list) && (quoted || list[end] != ',') {
			switch {
			case quoted && list[end] == '\\' && end+1 < len(list):
				end++
			case list[end] == '"':
				quoted = !quoted
			}
			end++
		}
		elem, list = trimmed(list[:end]), list[min(end+1, len(list)):]
		if len(elem) > 0 {
			return elem, list
		}
	}
	return nil, nil
}

// HasToken reports whether a list has an element, compared without regard to case; token is in lower case.
func HasToken(list []byte, token string) bool {
	for {
		var elem []byte
		if elem, list = NextToken(list); len(elem) == 0 {
			return false
		}
		if equalFold(elem, token) {
			return true
		}
	}
}

// AcceptsEncoding reports whether an Accept-Encoding value permits a content coding (RFC 9110 section 12.5.3): it is
// named, or "*" stands in for it, and not with a weight of zero. coding is in lower case.
func AcceptsEncoding(value []byte, coding string) bool {
	star := false
	for {
		var elem []byte
		if elem, value = NextToken(value); len(elem) == 0 {
			return star
		}
		semi := 0
		for semi < len(elem) && elem[semi] != ';' {
			semi++
		}
		name, weight := trimmed(elem[:semi]), elem[semi:]
		switch {
		case equalFold(name, coding):
			return !zeroWeight(weight)
		case len(name) == 1 && name[0] == '*':
			star = !zeroWeight(weight)
		}
	}
}

// zeroWeight reports whether parameters say ";q=0", with any number of decimals.
func zeroWeight(params []byte) bool {
	for len(params) > 0 {
		params = params[1:] // ";"
		end := 0
		for end < len(params) && params[end] != ';' {
			end++
		}
		p := trimmed(params[:end])
		if len(p) >= 3 && lower[p[0]] == 'q' && p[1] == '=' {
			for _, c := range p[2:] {
				if c != '0' && c != '.' {
					return false
				}
			}
			return true
		}
		params = params[end:]
	}
	return false
}
