package middleware

import (
	"slices"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// CORS lets pages of other origins use the responses (the Fetch standard's CORS protocol). The zero value allows every
// origin without credentials, which is right for development and for public data.
type CORS struct {
	// Origins are the allowed origins ("https://example.com"); empty allows all.
	Origins []string
	// Methods and Headers are what a preflight may ask for; empty allows what it asks.
	Methods, Headers []string
	// Expose are the response fields that scripts may read beside the safelisted ones.
	Expose []string
	// Credentials lets cookies along. It needs Origins.
	Credentials bool
	// MaxAge is how many seconds a preflight may be remembered; 0 leaves it to the browser.
	MaxAge int

	methods, headers, expose, maxAge string // the values of the fields
}

// Load refuses a configuration that would hand cookies to every site, and makes the values.
func (m *CORS) Load(*pipeline.App) error {
	if m.Credentials && (len(m.Origins) == 0 || slices.Contains(m.Origins, "*")) {
		return errCredentials
	}
	m.methods, m.headers, m.expose = strings.Join(m.Methods, ", "), strings.Join(m.Headers, ", "), strings.Join(m.Expose, ", ")
	if m.MaxAge > 0 {
		m.maxAge = strconv.Itoa(m.MaxAge)
	}
	for _, v := range []string{m.methods, m.headers, m.expose} {
		if !http1.ValidFieldValue(v) {
			return &pipeline.Error{Status: 500, Message: "CORS: not the value of a field: " + strconv.Quote(v)}
		}
	}
	return nil
}

var errCredentials = &pipeline.Error{Status: 500, Message: "CORS with Credentials needs Origins by name"}

// ProcessRequest answers preflights of allowed origins. Those of others go on to the routes, whose answer allows nothing.
func (m *CORS) ProcessRequest(c *pipeline.Ctx) error {
	if c.Head.Method != http1.MethodOptions || !c.Head.Has(http1.AccessControlRequestMethod) || !m.allows(c) {
		return nil
	}
	m.permit(c, "Access-Control-Allow-Methods", m.methods, http1.AccessControlRequestMethod)
	m.permit(c, "Access-Control-Allow-Headers", m.headers, http1.AccessControlRequestHeaders)
	if m.maxAge != "" {
		_ = c.SetHeader("Access-Control-Max-Age", m.maxAge)
	}
	return c.NoContent(204)
}

// permit allows what is configured, or what is asked. A value that the parser let in is sound.
func (m *CORS) permit(c *pipeline.Ctx, field, list string, asked http1.FieldID) {
	if list != "" {
		_ = c.SetHeader(field, list)
	} else if b := c.HeaderBytes(asked); len(b) > 0 {
		_ = c.SetHeaderBytes(field, b)
		c.AddVary(asked.String())
	}
}

// ProcessResponse names the origin that may read the response.
func (m *CORS) ProcessResponse(c *pipeline.Ctx) error {
	if len(m.Origins) == 0 {
		_ = c.SetHeader("Access-Control-Allow-Origin", "*")
	} else if c.AddVary("Origin"); !m.allows(c) {
		return nil
	} else {
		_ = c.SetHeaderBytes("Access-Control-Allow-Origin", c.HeaderBytes(http1.Origin))
	}
	if m.Credentials {
		_ = c.SetHeader("Access-Control-Allow-Credentials", "true")
	}
	if m.expose != "" && c.Head.Method != http1.MethodOptions {
		_ = c.SetHeader("Access-Control-Expose-Headers", m.expose)
	}
	return nil
}

func (m *CORS) allows(c *pipeline.Ctx) bool {
	origin := c.HeaderBytes(http1.Origin)
	if len(origin) == 0 {
		return false
	}
	for i := range m.Origins {
		if m.Origins[i] == string(origin) || m.Origins[i] == "*" {
			return true
		}
	}
	return len(m.Origins) == 0
}
