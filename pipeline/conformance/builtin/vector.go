package builtin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// vector is a line of one of the groups that are replayed.
type vector struct {
	Group    string   `json:"group"`
	Settings settings `json:"settings"`
	Request  request  `json:"request"`
	View     view     `json:"view"`
	Want     want     `json:"want"`
}

// settings are Django's; a pointer or raw value is nil when the default holds.
type settings struct {
	Debug        bool     `json:"DEBUG"`
	AllowedHosts []string `json:"ALLOWED_HOSTS"`
	ForwardHost  bool     `json:"USE_X_FORWARDED_HOST"`
	ForwardPort  bool     `json:"USE_X_FORWARDED_PORT"`

	AppendSlash *bool    `json:"APPEND_SLASH"`
	PrependWWW  bool     `json:"PREPEND_WWW"`
	UserAgents  []string `json:"DISALLOWED_USER_AGENTS"`

	SSLRedirect    bool            `json:"SECURE_SSL_REDIRECT"`
	SSLHost        string          `json:"SECURE_SSL_HOST"`
	RedirectExempt []string        `json:"SECURE_REDIRECT_EXEMPT"`
	ProxySSLHeader [2]string       `json:"SECURE_PROXY_SSL_HEADER"`
	HSTSSeconds    int             `json:"SECURE_HSTS_SECONDS"`
	HSTSSubdomains bool            `json:"SECURE_HSTS_INCLUDE_SUBDOMAINS"`
	HSTSPreload    bool            `json:"SECURE_HSTS_PRELOAD"`
	Nosniff        *bool           `json:"SECURE_CONTENT_TYPE_NOSNIFF"`
	ReferrerPolicy json.RawMessage `json:"SECURE_REFERRER_POLICY"`
	OpenerPolicy   json.RawMessage `json:"SECURE_CROSS_ORIGIN_OPENER_POLICY"`

	XFrameOptions string `json:"X_FRAME_OPTIONS"`
}

type request struct {
	Method   string            `json:"method"`
	Path     string            `json:"path"` // percent-encoded
	PathInfo string            `json:"path_info"`
	Query    string            `json:"query"`
	Headers  map[string]string `json:"headers"`
	Host     *string           `json:"host"`
	Secure   bool              `json:"secure"`
}

type view struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Cookies map[string]string `json:"cookies"`
	Body    *string           `json:"body"`
	Repeat  int               `json:"repeat"`
	Stream  bool              `json:"stream"`
}

type want struct {
	Status    int               `json:"status"`
	Headers   map[string]string `json:"headers"`
	Host      string            `json:"host"`
	Error     string            `json:"error"`
	Exception string            `json:"exception"`
}

// decode reads a line. A key that is not known is an error: passing over it would test something else.
func decode(line []byte) (*vector, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	v := new(vector)
	if err := d.Decode(v); err != nil {
		return nil, err
	}
	return v, nil
}

// target is the request target, as RequestFactory makes it of path and query.
func (r *request) target() string {
	path := r.Path
	if rest, ok := strings.CutPrefix(path, "//"); ok {
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	if path == "" {
		path = "/"
	}
	if r.Query != "" {
		path += "?" + r.Query
	}
	return path
}

// host is the value of Host; RequestFactory's own when the case has none.
func (r *request) host() string {
	if r.Host == nil {
		return "testserver"
	}
	return *r.Host
}

// policy reads a setting that is a string, a list, or null for no field.
func policy(raw json.RawMessage) (string, error) {
	var text string
	var list []string
	switch {
	case len(raw) == 0:
		return "", nil
	case string(raw) == "null":
		return omit, nil
	case json.Unmarshal(raw, &text) == nil:
		return text, nil
	case json.Unmarshal(raw, &list) == nil:
		return strings.Join(list, ","), nil
	}
	return "", fmt.Errorf("a policy is %s", raw)
}

// body is what the view returns.
func (v *view) body() string {
	if v.Body == nil {
		return "ok"
	}
	return strings.Repeat(*v.Body, max(v.Repeat, 1))
}
