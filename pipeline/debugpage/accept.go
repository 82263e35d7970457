package debugpage

import (
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// form is one of the forms of a page.
type form struct {
	contentType string
	types       []string // the media types that ask for it
	fields      []Pair
	render      func(*report) ([]byte, error)
}

// forms are the forms in order of preference, the last for whoever names none of the others.
var forms = [...]form{
	{"text/html; charset=utf-8", []string{"text/html", "application/xhtml+xml"}, []Pair{{"Content-Security-Policy", policy}}, renderHTML},
	{"application/problem+json", []string{"application/json", "application/problem+json"}, nil, renderJSON},
	{"text/plain; charset=utf-8", []string{"text/plain"}, nil, renderText},
}

// negotiate chooses a form by the media types that the client names (RFC 9110 section 12.5.1), the one with the greatest
// weight. Ranges ("*/*", "text/*") name nothing.
func negotiate(accept []string) *form {
	best, weight := &forms[len(forms)-1], 0.0
	for i := range forms {
		for _, t := range forms[i].types {
			if w := quality(accept, t); w > weight {
				best, weight = &forms[i], w
			}
		}
	}
	return best
}

// quality returns the weight of a media type that is named in accept, 0 when it is not.
func quality(accept []string, mediaType string) float64 {
	for elem := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, params, _ := strings.Cut(elem, ";")
		if !strings.EqualFold(strings.TrimSpace(name), mediaType) {
			continue
		}
		for param := range strings.SplitSeq(params, ";") {
			if k, v, _ := strings.Cut(strings.TrimSpace(param), "="); strings.EqualFold(k, "q") {
				w, err := strconv.ParseFloat(v, 64)
				if err != nil || !(w >= 0 && w <= 1) {
					return 0
				}
				return w
			}
		}
		return 1
	}
	return 0
}

// values returns the values of every field of that name, any case.
func values(c *pipeline.Ctx, name string) []string {
	var list []string
	head := c.HeadBytes()
	for i := range c.Head.Fields {
		if f := &c.Head.Fields[i]; strings.EqualFold(string(f.Name.Of(head)), name) {
			list = append(list, string(f.Value.Of(head)))
		}
	}
	return list
}
