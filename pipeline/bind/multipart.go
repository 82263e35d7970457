package bind

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// multipartForm is the work on one multipart body (RFC 7578).
type multipartForm struct {
	form   *Form
	lim    Limits
	in     meter
	parts  *multipart.Reader
	text   int64 // bytes counted against Limits.Memory
	memory int64 // bytes of files in memory
	fields int
	files  int
}

// meter is the body with a bound for what may be read until it is moved, and the error that ended it. mime/multipart takes
// the end of its input right behind a delimiter for the end of the message; for it never to see one before the closing
// delimiter, the body ends in an empty line and then in io.ErrUnexpectedEOF.
type meter struct {
	r     io.Reader
	left  int64 // bytes; negative means no bound
	err   error
	ended bool
	tail  string
}

var errPartHeader = errors.New("the header of a part exceeds the limit")

// Read reads content within the bound.
func (m *meter) Read(p []byte) (int, error) {
	if m.left == 0 {
		m.err = errPartHeader
		return 0, m.err
	}
	if m.left > 0 && int64(len(p)) > m.left {
		p = p[:m.left]
	}
	n, err := 0, error(nil)
	if !m.ended {
		n, err = m.r.Read(p)
	}
	switch {
	case err == io.EOF:
		m.ended, err = true, nil
	case err != nil:
		m.err = err
	}
	if m.ended && n == 0 && len(p) > 0 {
		if n = copy(p, m.tail); n == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		m.tail = m.tail[n:]
	}
	if m.left > 0 {
		m.left -= int64(n)
	}
	return n, err
}

// readMultipart reads a multipart form, part by part; nothing but the form stays in memory.
func (f *Form) readMultipart(c *pipeline.Ctx, boundary string, lim Limits) error {
	if !validBoundary(boundary) {
		return malformed(errors.New("no boundary, or one that is not allowed"))
	}
	m := multipartForm{form: f, lim: lim, in: meter{r: c.BodyReader(), left: -1, tail: "\r\n"}}
	m.parts = multipart.NewReader(&m.in, boundary)
	f.spool.dir = lim.TempDir
	c.OnClose(f.spool.close)
	for {
		part, err := m.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = m.part(part)
		}
		if err != nil {
			return m.fault(err)
		}
	}
}

// validBoundary is Django's rule for a boundary: printable ASCII, no space at the end.
func validBoundary(s string) bool {
	if s == "" || len(s) > maxBoundary+1 || s[len(s)-1] == ' ' {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// malformed is pipeline.ErrUnparsed with a cause. mime/multipart quotes its input in errors, so the text is cut.
func malformed(cause error) error {
	text := cause.Error()
	return fmt.Errorf("bind: multipart: %w: %q", pipeline.ErrUnparsed, text[:min(len(text), maxErrorBytes)])
}

// fault tells errors of reading the body, and those that say what they are, from a broken message.
func (m *multipartForm) fault(err error) error {
	if _, ok := errors.AsType[*pipeline.Error](err); ok || errors.Is(err, errSpool) {
		return err
	}
	if e := m.in.err; e != nil && e != errPartHeader && e != io.ErrUnexpectedEOF {
		return e
	}
	return malformed(err)
}

// next returns the next part, io.EOF behind the last. What is read for it is bounded: mime/multipart alone would gather a
// header of 10 MiB. Reading ahead into its buffer counts, so the bound is exact only afterwards.
func (m *multipartForm) next() (*multipart.Part, error) {
	m.in.left = int64(m.lim.PartHeader) + maxBoundary + readAhead
	part, err := m.parts.NextRawPart()
	m.in.left = -1
	if err != nil {
		return nil, err
	}
	size := 0
	for name, values := range part.Header {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	if size > m.lim.PartHeader {
		return nil, errPartHeader
	}
	return part, nil
}

// part reads one part to its end.
func (m *multipartForm) part(part *multipart.Part) error {
	dispositions := part.Header["Content-Disposition"]
	if len(dispositions) != 1 {
		return errors.New("a part must have one Content-Disposition")
	}
	kind, params, err := mime.ParseMediaType(dispositions[0])
	if err != nil {
		return err
	}
	content, err := decoded(part)
	if err != nil {
		return err
	}
	name := params["name"]
	fileName, isFile := params["filename"]
	switch {
	case kind != "form-data" || name == "":
		return m.skip(content)
	case isFile:
		return m.file(part, content, name, fileName)
	}
	return m.value(content, name)
}

// decoded undoes a Content-Transfer-Encoding, which RFC 7578 section 4.7 deprecates and Django decodes.
func decoded(part *multipart.Part) (io.Reader, error) {
	switch coding := strings.ToLower(part.Header.Get("Content-Transfer-Encoding")); coding {
	case "", "7bit", "8bit", "binary":
		return part, nil
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, part), nil
	case "quoted-printable":
		return quotedprintable.NewReader(part), nil
	}
	return nil, errors.New("unknown Content-Transfer-Encoding")
}

// count counts one more field.
func (m *multipartForm) count() error {
	if m.fields++; m.fields > m.lim.Fields {
		return errTooManyFields
	}
	return nil
}

// skip reads a part that is no field. It counts as one, so that parts cannot be had for nothing.
func (m *multipartForm) skip(content io.Reader) error {
	if err := m.count(); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, content)
	return err
}

// value reads a field. Its size is counted as in Django: name and value and two, as if it were "name=value&".
func (m *multipartForm) value(content io.Reader, name string) error {
	if err := m.count(); err != nil {
		return err
	}
	m.text += int64(len(name)) + 2
	if m.text > m.lim.Memory {
		return errTooMuchData
	}
	data, err := io.ReadAll(io.LimitReader(content, m.lim.Memory-m.text+1))
	if err != nil {
		return err
	}
	if m.text += int64(len(data)); m.text > m.lim.Memory {
		return errTooMuchData
	}
	m.form.Values.Add(name, string(data))
	return nil
}

// file reads a file; one without a name, as an input left empty sends it, is dropped.
func (m *multipartForm) file(part *multipart.Part, content io.Reader, name, fileName string) error {
	if m.files++; m.files > m.lim.Files {
		return errTooManyFiles
	}
	fileName = SafeName(fileName)
	if fileName == "" {
		_, err := io.Copy(io.Discard, content)
		return err
	}
	f := &File{Name: fileName, ContentType: part.Header.Get("Content-Type")}
	if err := f.fill(content, m.lim.FileMemory-m.memory, &m.form.spool); err != nil {
		return err
	}
	m.memory += int64(len(f.data))
	m.form.Files[name] = append(m.form.Files[name], f)
	return nil
}
