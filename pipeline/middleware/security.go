package middleware

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Security sends the response fields that harden a site in browsers, and redirects to https (Django: SecurityMiddleware,
// settings SECURE_...). A field that the response has already stays. The zero value sends X-Content-Type-Options: nosniff,
// Referrer-Policy: same-origin and Cross-Origin-Opener-Policy: same-origin.
type Security struct {
	// SSLRedirect answers requests over http with 301 to https, on SSLHost if it is set or else on the same host and port.
	SSLRedirect bool
	SSLHost     string
	// RedirectExempt are regular expressions; what one finds in the path, without the slash it begins with, is not
	// redirected.
	RedirectExempt []string
	// ProxySSLHeader is a field and the value by which the proxy in front says that the client uses https:
	// {"X-Forwarded-Proto", "https"}. Of a list the first element counts. When the field is there it alone decides, so the
	// proxy has to set or remove it in every request; see [Secure].
	ProxySSLHeader [2]string

	// HSTSSeconds is the max-age of Strict-Transport-Security in seconds (RFC 6797), sent over https only; 0 sends none.
	// Browsers refuse http for that long, so a long time is to be chosen with care.
	HSTSSeconds                        int
	HSTSIncludeSubdomains, HSTSPreload bool
	// DisableContentTypeNosniff leaves X-Content-Type-Options out.
	DisableContentTypeNosniff bool
	// ReferrerPolicy and CrossOriginOpenerPolicy are the values of these fields; empty is same-origin, [Omit] leaves the
	// field out. ReferrerPolicy may be a list, "no-referrer, strict-origin", of which a browser takes the last it knows.
	ReferrerPolicy, CrossOriginOpenerPolicy string

	exempt  []*regexp.Regexp
	proxyID http1.FieldID
	fields  []pipeline.ResponseField // over http
	secure  []pipeline.ResponseField // over https besides
}

// Omit, as the value of a setting that names a response field's value, leaves the field out (Django: None).
const Omit = "-"

// Load compiles the expressions and makes the fields.
func (m *Security) Load(a *pipeline.App) (err error) {
	if m.exempt, err = compileAll(m.RedirectExempt); err != nil {
		return err
	}
	if (m.ProxySSLHeader[0] == "") != (m.ProxySSLHeader[1] == "") {
		return errors.New("ProxySSLHeader needs a name and a value")
	}
	m.proxyID = http1.LookupField([]byte(m.ProxySSLHeader[0]))
	m.fields, m.secure = m.makeFields(), nil
	if m.HSTSSeconds > 0 {
		m.secure = []pipeline.ResponseField{{Name: "Strict-Transport-Security", Value: m.hsts()}}
	}
	for _, f := range append(m.fields, m.secure...) {
		if !http1.ValidFieldValue(f.Value) {
			return fmt.Errorf("%s cannot be %q", f.Name, f.Value)
		}
	}
	if m.SSLRedirect && m.SSLHost == "" {
		return hostsFirst(a, m)
	}
	return nil
}

func (m *Security) makeFields() (fields []pipeline.ResponseField) {
	add := func(name, value string) {
		switch value {
		case Omit:
			return
		case "":
			value = "same-origin"
		}
		fields = append(fields, pipeline.ResponseField{Name: name, Value: value})
	}
	if !m.DisableContentTypeNosniff {
		add("X-Content-Type-Options", "nosniff")
	}
	policies := strings.Split(m.ReferrerPolicy, ",")
	for i := range policies {
		policies[i] = strings.TrimSpace(policies[i])
	}
	add("Referrer-Policy", strings.Join(policies, ","))
	add("Cross-Origin-Opener-Policy", m.CrossOriginOpenerPolicy)
	return fields
}

func (m *Security) hsts() string {
	value := "max-age=" + strconv.Itoa(m.HSTSSeconds)
	if m.HSTSIncludeSubdomains {
		value += "; includeSubDomains"
	}
	if m.HSTSPreload {
		value += "; preload"
	}
	return value
}

// compileAll compiles regular expressions.
func compileAll(texts []string) (list []*regexp.Regexp, err error) {
	for _, text := range texts {
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, err
		}
		list = append(list, re)
	}
	return list, nil
}

// ProcessRequest notes what the proxy says and redirects to https.
func (m *Security) ProcessRequest(c *pipeline.Ctx) error {
	if m.ProxySSLHeader[0] != "" {
		m.believeProxy(c)
	}
	if !m.SSLRedirect || Secure(c) || m.isExempt(c) || c.Head.Form == http1.FormAsterisk { // OPTIONS * is of no URL
		return nil
	}
	host := m.SSLHost
	if host == "" {
		host = Host(c)
	}
	return c.Redirect(301, "https://"+host+FullPath(c))
}

func (m *Security) believeProxy(c *pipeline.Ctx) {
	var value []byte
	if m.proxyID != http1.FieldOther {
		value = c.HeaderBytes(m.proxyID)
	} else if span, ok := c.Head.Lookup(c.HeadBytes(), m.ProxySSLHeader[0]); ok {
		value = span.Of(c.HeadBytes())
	}
	if value == nil {
		return
	}
	if i := bytes.IndexByte(value, ','); i >= 0 {
		value = value[:i]
	}
	c.Set(secureKey{}, string(bytes.TrimSpace(value)) == m.ProxySSLHeader[1])
}

func (m *Security) isExempt(c *pipeline.Ctx) bool {
	path := bytes.TrimLeft(c.PathBytes(), "/")
	for _, re := range m.exempt {
		if re.Match(path) {
			return true
		}
	}
	return false
}

// ProcessResponse adds the fields that are not there.
func (m *Security) ProcessResponse(c *pipeline.Ctx) error {
	if len(m.secure) > 0 && Secure(c) {
		addMissing(c, m.secure)
	}
	addMissing(c, m.fields)
	return nil
}

// addMissing adds fields, whose values are sound, to a response that has none of their names.
func addMissing(c *pipeline.Ctx, fields []pipeline.ResponseField) {
	for i := range fields {
		if f := &fields[i]; !c.HasResponseHeader(f.Name) {
			_ = c.AddHeader(f.Name, f.Value)
		}
	}
}
