package bind

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// ProblemType is the media type of a Problem (RFC 9457 section 6.1).
const ProblemType = "application/problem+json"

// Problem is a problem detail (RFC 9457 section 3.1) and an error of its status. A handler returns it as it is; see
// pipeline.Answerer. It never holds what the client sent, but for names that the client chose.
type Problem struct {
	// Type is a URI reference of the kind of problem; empty means "about:blank", where Title is the status text.
	Type string `json:"type,omitempty"`
	// Title says in short what kind of problem this is, always the same for one Type.
	Title string `json:"title,omitempty"`
	// Status is the status of the response, 400 to 599.
	Status int `json:"status,omitempty"`
	// Detail explains this occurrence to the client.
	Detail string `json:"detail,omitempty"`
	// Instance is a URI reference of this occurrence.
	Instance string `json:"instance,omitempty"`
	// Errors are the faults of single fields, at most 100 (the extension of RFC 9457 section 3).
	Errors []FieldError `json:"errors,omitempty"`

	// Err is the cause, for logs and errors.Is; the client does not see it.
	Err error `json:"-"`
	// Header holds response fields that belong to the problem, as Accept to a 415.
	Header []pipeline.ResponseField `json:"-"`
}

// FieldError is what is wrong with one field.
type FieldError struct {
	// In is where the field is: "path", "query", "header", "cookie", "form" or "body" (JSON). "request" with an empty pointer
	// is none of them alone.
	In string `json:"in"`
	// Pointer is the name of the parameter, or for JSON its JSON Pointer as a URI fragment (RFC 6901 section 6): "#/a/0".
	Pointer string `json:"pointer"`
	// Code names the rule for programs: "type", "range", "utf8", "unknown", "invalid", or the tag of a validator.
	Code string `json:"code"`
	// Message says what is wrong, to follow the name of the field: "must be at least 1".
	Message string `json:"message"`
}

// NewProblem returns a Problem of type about:blank, titled with the text of its status.
func NewProblem(status int, detail string) *Problem {
	return &Problem{Title: http1.StatusText(status), Status: status, Detail: detail}
}

// Error returns the status, the detail and the field errors on one line; names from the client are quoted.
func (p *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s", p.Status, p.Title)
	if p.Detail != "" {
		fmt.Fprintf(&b, ": %s", p.Detail)
	}
	for i, e := range p.Errors {
		if i == 3 {
			fmt.Fprintf(&b, "; and %d more", len(p.Errors)-i)
			break
		}
		fmt.Fprintf(&b, "; %s %q %s", e.In, e.Pointer, e.Message)
	}
	return b.String()
}

// Unwrap returns Err when that is a pipeline.Error of the same status already, or else one of the status that wraps Err.
func (p *Problem) Unwrap() error {
	if e, ok := errors.AsType[*pipeline.Error](p.Err); ok && e.Status == p.Status {
		return p.Err
	}
	return &pipeline.Error{Status: p.Status, Message: p.Detail, Err: p.Err}
}

// Answer makes p the response of c (pipeline.Answerer).
func (p *Problem) Answer(c *pipeline.Ctx) error { return Write(c, p) }

// Write answers with p as application/problem+json. A status outside 400 to 599 becomes 500.
func Write(c *pipeline.Ctx, p *Problem) error {
	status := p.Status
	if status < 400 || status > 599 {
		status = 500
	}
	b, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("bind: problem: %w", err)
	}
	for _, f := range p.Header {
		if err := c.SetHeader(f.Name, f.Value); err != nil {
			return fmt.Errorf("bind: problem: %w", err)
		}
	}
	return c.Bytes(status, ProblemType, b)
}

// problemOf makes a Problem of an error that came from reading content. Errors that are not the client's, those of status
// 500 and above, stay as they are, for the client to see nothing of them.
func problemOf(err error) error {
	if _, ok := errors.AsType[*Problem](err); ok {
		return err
	}
	if errors.Is(err, pipeline.ErrNeedsWorker) {
		return pipeline.ErrOffload
	}
	e, ok := errors.AsType[*pipeline.Error](err)
	if !ok || e.Status < 400 || e.Status > 499 {
		return err
	}
	p := NewProblem(e.Status, e.Message)
	if p.Err = err; p.Detail == "" {
		p.Detail = "the content cannot be parsed"
	}
	return p
}

// invalid is the Problem of values that were understood and are wrong.
func invalid(errs []FieldError) *Problem {
	p := NewProblem(422, "the request has invalid values")
	p.Errors = errs
	return p
}

// unsupported is the Problem of a media type, charset or content coding that is not read; field tells which are.
func unsupported(detail string, field pipeline.ResponseField) *Problem {
	p := NewProblem(415, detail)
	p.Header = []pipeline.ResponseField{field}
	return p
}
