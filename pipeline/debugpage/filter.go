package debugpage

import (
	"regexp"
	"strings"
)

// Place is where a name with a value was found.
type Place uint8

// The places.
const (
	Field   Place = iota // a field of the request
	Query                // the query of the target, or of a URL in a field
	Form                 // the content of the request
	Cookie               // a cookie of the request
	Param                // a parameter of the route
	Setting              // the application's settings; the name is the way to it: "DATABASES.default.PASSWORD"
	Text                 // running text: name=value, "name": "value"
)

// Filter tells whether the value of a name is secret. It is called from many goroutines.
type Filter func(p Place, name string) bool

// Mask stands for a secret value (Django: cleansed_substitute).
const Mask = "********************"

// hiddenSettings is Django's SafeExceptionReporterFilter.hidden_settings.
var hiddenSettings = regexp.MustCompile(`(?i)API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|HTTP_COOKIE`)

// Secret is the default Filter: names that match Django's SafeExceptionReporterFilter.hidden_settings anywhere and in any
// case, all cookies, and the fields that carry them.
func Secret(p Place, name string) bool {
	if p == Cookie || (p == Field || p == Text) && strings.Contains(strings.ToLower(name), "cookie") {
		return true
	}
	return hiddenSettings.MatchString(name)
}
