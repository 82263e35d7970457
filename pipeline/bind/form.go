package bind

import (
	"errors"
	"net/url"

	"github.com/wheelpit/wheelpit/pipeline"
)

// The errors of a form; those of the package pipeline are for comparing, these have a text.
var (
	errTooMuchData   error = &pipeline.Error{Status: 400, Suspicious: "RequestDataTooBig", Message: "the form exceeds the limit of its size"}
	errTooManyFields error = &pipeline.Error{Status: 400, Suspicious: "TooManyFieldsSent", Message: "the number of fields exceeds the limit"}
	errTooManyFiles  error = &pipeline.Error{Status: 400, Suspicious: "TooManyFilesSent", Message: "the number of files exceeds the limit"}
	errCharset       error = &pipeline.Error{Status: 400, Message: "a form must be in UTF-8"} // Django: BadRequest
)

// Form is the content of an HTML form. Values are what was sent, in order, and may be anything: no UTF-8 is checked here,
// and NUL is let through. It belongs to its request: its files are gone when the response has been sent.
type Form struct {
	// Values are the fields that are not files, by name.
	Values url.Values
	// Files are the files, by name; file inputs left empty are not among them.
	Files map[string][]*File

	spool spool
}

// formKey is the key of the form on a Ctx.
type formKey struct{}

// parsed is a form that was read, or why it could not be.
type parsed struct {
	form *Form
	err  error
}

// ReadForm returns the form in the content of the request, urlencoded or multipart (Django: request.POST and
// request.FILES). It is read once; later calls return the same form and the same error. With an error the form is there and
// empty, so an error page may look into it (rule H20). Content of any other type gives an empty form and no error.
//
// The errors, to compare with errors.Is: pipeline.ErrTooMuchData, ErrTooManyFields, ErrTooManyFiles for a form beyond its
// Limits, ErrUnparsed for one that is not what it says it is, ErrBadRequest for all of these and for a charset other than
// UTF-8, ErrBodyTooLarge for content beyond Ctx.SetBodyLimit; anything else is the server's fault, or the client left.
//
// It may wait for the client and write files, so it needs a worker: an inline handler gets pipeline.ErrOffload, unless the
// form is urlencoded and in memory.
func ReadForm(c *pipeline.Ctx) (*Form, error) {
	form, err := binderOf(c).readForm(c)
	if errors.Is(err, pipeline.ErrNeedsWorker) {
		err = pipeline.ErrOffload
	}
	return form, err
}

// readForm returns the form that is kept on c, reading it first when there is none.
func (b *Binder) readForm(c *pipeline.Ctx) (*Form, error) {
	if p, ok := c.Get(formKey{}).(*parsed); ok {
		return p.form, p.err
	}
	form := &Form{Values: url.Values{}, Files: map[string][]*File{}}
	if c.ContentLength() == 0 {
		return form, nil
	}
	err := form.read(c, b.Limits.withDefaults())
	if errors.Is(err, pipeline.ErrNeedsWorker) {
		return form, err // the call on the worker reads it
	}
	if err != nil {
		form.spool.close()
		form.Values, form.Files = url.Values{}, map[string][]*File{}
	}
	c.Set(formKey{}, &parsed{form, err})
	return form, err
}

// read fills an empty form from the content of c.
func (f *Form) read(c *pipeline.Ctx, lim Limits) error {
	t := contentOf(c)
	if t.isForm() && !t.isUTF8() {
		return errCharset
	}
	switch t.media {
	case typeURLEncoded:
		return f.readPairs(c, lim)
	case typeMultipart:
		if !c.OnWorker() {
			return pipeline.ErrNeedsWorker
		}
		return f.readMultipart(c, t.params["boundary"], lim)
	}
	return nil
}

// readPairs reads an urlencoded form (WHATWG URL standard, section 5.1).
func (f *Form) readPairs(c *pipeline.Ctx, lim Limits) error {
	data, err := readAll(c, lim.Memory)
	if err != nil {
		return err
	}
	return eachPair(data, lim.Fields, func(key, value []byte) {
		f.Values.Add(string(unescaped(key)), string(unescaped(value)))
	})
}

// Value returns the first value of a field, or "".
func (f *Form) Value(name string) string { return f.Values.Get(name) }

// File returns the first file of a field, or nil.
func (f *Form) File(name string) *File {
	if files := f.Files[name]; len(files) > 0 {
		return files[0]
	}
	return nil
}
