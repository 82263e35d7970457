package middleware

import (
	"slices"
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
	// Credentials lets cookies along. It needs Origins.
	Credentials bool
	// MaxAge is how many seconds a preflight may be remembered; 0 leaves it to the browser.
	MaxAge int
}

// Load refuses a configuration that would hand cookies to every site.
func (m CORS) Load(*pipeline.App) error {
	if m.Credentials && len(m.Origins) == 0 {
		return errCredentials
	}
	return nil
}

var errCredentials = &pipeline.Error{Status: 500, Message: "CORS with Credentials needs Origins"}

// ProcessRequest answers preflights.
func (m CORS) ProcessRequest(c *pipeline.Ctx) error {
	if c.Head.Method != http1.MethodOptions || !c.Head.Has(http1.AccessControlRequestMethod) || !m.allows(c) {
		return nil
	}
	allow := func(field string, list []string, asked http1.FieldID) {
		if len(list) > 0 {
			c.SetHeader(field, strings.Join(list, ", "))
		} else if b := c.HeaderBytes(asked); len(b) > 0 {
			c.SetHeaderBytes(field, b)
		}
	}
	allow("Access-Control-Allow-Methods", m.Methods, http1.AccessControlRequestMethod)
	allow("Access-Control-Allow-Headers", m.Headers, http1.AccessControlRequestHeaders)
	if m.MaxAge > 0 {
		c.SetHeaderBytes("Access-Control-Max-Age", http1.AppendUint(nil, uint64(m.MaxAge)))
	}
	return c.NoContent(204)
}

// ProcessResponse names the origin that may read the response.
func (m CORS) ProcessResponse(c *pipeline.Ctx) error {
	if len(m.Origins) == 0 {
		return c.SetHeader("Access-Control-Allow-Origin", "*")
	}
	if err := c.AddHeader("Vary", "Origin"); err != nil || !m.allows(c) {
		return err
	}
	if m.Credentials {
		c.SetHeader("Access-Control-Allow-Credentials", "true")
	}
	return c.SetHeaderBytes("Access-Control-Allow-Origin", c.HeaderBytes(http1.Origin))
}

func (m CORS) allows(c *pipeline.Ctx) bool {
	origin := c.HeaderBytes(http1.Origin)
	return len(origin) > 0 && (len(m.Origins) == 0 || slices.Contains(m.Origins, string(origin)))
}
