package debugpage

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// minSecret is how long, in bytes, a secret must be to be looked for in other text.
const minSecret = 6

// secrets are the values that were found to be secret, in every spelling in which other text might have them.
type secrets struct {
	spellings map[string]struct{}
	replacer  *strings.Replacer // made from spellings when first needed
}

// add takes a value, and the spellings of it that URLs and quoted text use.
func (s *secrets) add(value string) {
	if len(value) < minSecret {
		return
	}
	if s.spellings == nil {
		s.spellings = map[string]struct{}{}
	}
	plain := unescape(value, true)
	quoted := strconv.Quote(value)
	for _, v := range []string{value, plain, unescape(value, false), url.QueryEscape(plain), url.PathEscape(plain), quoted[1 : len(quoted)-1]} {
		if len(v) >= minSecret {
			s.spellings[v] = struct{}{}
		}
	}
	s.replacer = nil
}

// addField takes the value of a secret field and its parts: what stands behind the scheme of credentials (RFC 9110 section
// 11.4), the values of parameters and of cookies, and what Basic (RFC 7617) has encoded.
func (s *secrets) addField(value string) {
	s.add(value)
	scheme, rest, _ := strings.Cut(value, " ")
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ' ' || r == ';' || r == ',' }) {
		if part == scheme && rest != "" {
			continue
		}
		_, parameter, _ := strings.Cut(part, "=")
		s.add(part)
		s.add(strings.Trim(parameter, `"`))
	}
	if !strings.EqualFold(scheme, "Basic") {
		return
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
		if b, err := enc.DecodeString(strings.TrimSpace(rest)); err == nil {
			_, password, _ := strings.Cut(string(b), ":")
			s.add(string(b))
			s.add(password)
		}
	}
}

// mask replaces every secret in text.
func (s *secrets) mask(text string) string {
	if len(s.spellings) == 0 {
		return text
	}
	if s.replacer == nil {
		var list []string
		for v := range s.spellings {
			list = append(list, v)
		}
		slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) }) // of two that begin alike the longer
		var oldnew []string
		for _, v := range list {
			oldnew = append(oldnew, v, Mask)
		}
		s.replacer = strings.NewReplacer(oldnew...)
	}
	return s.replacer.Replace(text)
}
