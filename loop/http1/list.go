// Hot: no allocation, no map, no defer.

package http1

import "bytes"

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
// named, or "*" stands in for it, and not with a weight of zero. "identity" is permitted unless one of the two forbids it.
// A malformed weight is zero. coding is in lower case.
func AcceptsEncoding(value []byte, coding string) bool {
	permitted := coding == "identity"
	for {
		var elem []byte
		if elem, value = NextToken(value); len(elem) == 0 {
			return permitted
		}
		name, params := cut(elem, ';')
		name = trimmed(name)
		switch {
		case equalFold(name, coding):
			return weight(params) > 0
		case len(name) == 1 && name[0] == '*':
			permitted = weight(params) > 0
		}
	}
}

// weight is the quality value among parameters in thousandths (RFC 9110 section 12.4.2): 1000 when there is none, 0 when
// it is malformed.
func weight(params []byte) int {
	for len(params) > 0 {
		var param []byte
		param, params = cut(params, ';')
		name, value := cut(param, '=')
		if equalFold(trimmed(name), "q") {
			return parseWeight(trimmed(value))
		}
	}
	return 1000
}

// parseWeight parses "0" [ "." 0*3DIGIT ] / "1" [ "." 0*3("0") ].
func parseWeight(b []byte) int {
	if len(b) == 0 || len(b) > 5 || b[0] > '1' || b[0] < '0' || len(b) > 1 && b[1] != '.' {
		return 0
	}
	q := int(b[0]-'0') * 1000
	unit := 100
	for i := 2; i < len(b); i++ {
		if class[b[i]]&isDigit == 0 {
			return 0
		}
		q += int(b[i]-'0') * unit
		unit /= 10
	}
	if q > 1000 {
		return 0
	}
	return q
}

// cut splits b around the first sep; after is empty when there is none.
func cut(b []byte, sep byte) (before, after []byte) {
	if i := bytes.IndexByte(b, sep); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}
