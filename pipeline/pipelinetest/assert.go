package pipelinetest

import (
	"strings"

	"github.com/stretchr/testify/assert"
)

// The assertions report a failure with the request and go on; they return the response, so that they can be chained.

// AssertStatus wants that status.
func (r *Response) AssertStatus(status int) *Response {
	r.tb.Helper()
	if r.Status != status {
		r.tb.Errorf("%s %s: status %d, want %d (error: %v)\n%.500s", r.Method, r.Target, r.Status, status, r.Err, r.Body)
	}
	return r
}

// AssertHeader wants a field with that value; "" wants it absent.
func (r *Response) AssertHeader(name, value string) *Response {
	r.tb.Helper()
	assert.Equal(r.tb, value, r.Header.Get(name), "%s %s: %s", r.Method, r.Target, name)
	return r
}

// AssertContains wants status 200 and text in the body (Django: assertContains).
func (r *Response) AssertContains(text string) *Response {
	r.tb.Helper()
	r.AssertStatus(200)
	if !strings.Contains(string(r.Body), text) {
		r.tb.Errorf("%s %s: %q is not in\n%.2000s", r.Method, r.Target, text, r.Body)
	}
	return r
}

// AssertBody wants the whole body.
func (r *Response) AssertBody(text string) *Response {
	r.tb.Helper()
	assert.Equal(r.tb, text, string(r.Body), "%s %s", r.Method, r.Target)
	return r
}

// AssertJSON wants a body that is the same JSON value.
func (r *Response) AssertJSON(text string) *Response {
	r.tb.Helper()
	assert.JSONEq(r.tb, text, string(r.Body), "%s %s", r.Method, r.Target)
	return r
}

// AssertRedirects wants a redirect to that Location (Django: assertRedirects without fetching it).
func (r *Response) AssertRedirects(location string) *Response {
	r.tb.Helper()
	if r.Status/100 != 3 {
		r.tb.Errorf("%s %s: status %d, want a redirect", r.Method, r.Target, r.Status)
	}
	return r.AssertHeader("Location", location)
}
