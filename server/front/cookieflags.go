package front

import (
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// flagSet is what proxy_cookie_flags says of a cookie.
type flagSet uint16

const (
	secureOn flagSet = 1 << iota
	secureOff
	httpOnlyOn
	httpOnlyOff
	sameSiteStrict
	sameSiteLax
	sameSiteNone
	sameSiteOff
)

var flagWords = map[string]flagSet{
	"secure": secureOn, "nosecure": secureOff, "httponly": httpOnlyOn, "nohttponly": httpOnlyOff,
	"samesite=strict": sameSiteStrict, "samesite=lax": sameSiteLax, "samesite=none": sameSiteNone, "nosamesite": sameSiteOff,
}

// wanted is the set that the values name; those that name nothing are passed over.
func (f *cookieFlags) wanted(c *pipeline.Ctx) (set flagSet) {
	for i := range f.values {
		set |= flagWords[strings.ToLower(string(f.values[i].append(c, nil)))]
	}
	return set
}

// apply gives the cookie its flags: those that it has are changed or taken away, the others follow at the end.
func (set flagSet) apply(attrs []attribute) []attribute {
	site := set.sameSite()
	for i := range attrs[1:] {
		a := &attrs[i+1]
		switch {
		case strings.EqualFold(a.key, "secure"):
			a.gone = set&secureOn == 0 && set&secureOff != 0
			set &^= secureOn
		case strings.EqualFold(a.key, "httponly"):
			a.gone = set&httpOnlyOn == 0 && set&httpOnlyOff != 0
			set &^= httpOnlyOn
		case strings.EqualFold(a.key, "samesite") && site != "":
			if !strings.EqualFold(a.value, site) {
				*a = attribute{key: "SameSite", value: site, valued: true}
			}
			set &^= sameSiteStrict | sameSiteLax | sameSiteNone
		case strings.EqualFold(a.key, "samesite"):
			a.gone = set&sameSiteOff != 0
		}
	}
	if set&secureOn != 0 {
		attrs = append(attrs, attribute{key: "Secure"})
	}
	if set&httpOnlyOn != 0 {
		attrs = append(attrs, attribute{key: "HttpOnly"})
	}
	if set&(sameSiteStrict|sameSiteLax|sameSiteNone) != 0 {
		attrs = append(attrs, attribute{key: "SameSite", value: site, valued: true})
	}
	return attrs
}

// sameSite is the value that the set has for SameSite, empty when it has none.
func (set flagSet) sameSite() string {
	switch {
	case set&sameSiteStrict != 0:
		return "Strict"
	case set&sameSiteLax != 0:
		return "Lax"
	case set&sameSiteNone != 0:
		return "None"
	}
	return ""
}
