package bind_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/bind"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// queryOf is a query as a client may send it within a request line.
func queryOf(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '#' {
			return false
		}
	}
	return true
}

// A query is bound to what net/url reads from it, wherever net/url reads it all.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{"", "s=a&n=1", "s=%41+%zz", "s=a&s=b", "n=%31&n=2&n=x", "&&=;s=x", "%73=%73", "s=%ff", "n=99999999999999999999", "s", "n=+1"} {
		f.Add(q)
	}
	type in struct {
		S  string   `query:"s"`
		SS []string `query:"s"`
		N  int      `query:"n"`
	}
	f.Fuzz(func(t *testing.T, q string) {
		if !queryOf(q) || len(q) > 1000 {
			return
		}
		got, err := bind.Into[in](pipelinetest.NewCtx(t, "GET", "/?"+q))
		want, bad := url.ParseQuery(q)
		if bad != nil {
			return
		}
		n, numeric := 0, error(nil)
		if i := slices.IndexFunc(want["n"], func(v string) bool { return v != "" }); i >= 0 {
			n, numeric = strconv.Atoi(strings.TrimSpace(want["n"][i]))
		}
		fits := numeric == nil && utf8.ValidString(strings.Join(want["s"], " "))
		if (err == nil) != fits || err != nil && statusOf(err) != 422 {
			t.Fatalf("%q: %v", q, err)
		}
		if err == nil && (got.S != want.Get("s") || !reflect.DeepEqual(got.SS, want["s"]) || got.N != n) {
			t.Errorf("%q: got %+v, want %v", q, got, want)
		}
	})
}

// An urlencoded form is what net/url reads from it, wherever net/url reads it all.
func FuzzURLEncoded(f *testing.F) {
	for _, q := range []string{"", "a=1&a=2", "%zz=&b", "=&=&", "a=%00\n", "\xff=%ff", strings.Repeat("&a", 2000), "a;b=c"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, body string) {
		form, err := bind.ReadForm(pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Body("application/x-www-form-urlencoded", body)))
		want, bad := url.ParseQuery(body)
		if err != nil {
			if !errors.Is(err, pipeline.ErrTooManyFields) || strings.Count(body, "&") < bind.DefaultFields {
				t.Errorf("%q: %v", body, err)
			}
			return
		}
		if bad == nil && !reflect.DeepEqual(form.Values, want) {
			t.Errorf("%q: got %v, want %v", body, form.Values, want)
		}
	})
}

// A multipart body either is refused as malformed, or has the fields that mime/multipart's own reader of forms finds; and
// however it arrives in pieces, the outcome is the same.
func FuzzMultipart(f *testing.F) {
	for _, b := range []string{"B", "b b", "-", "--", "=_?:()+", strings.Repeat("x", 70)} {
		f.Add("--"+b+"\r\n"+field("a", "1")+"\r\n--"+b+"\r\n"+file("f", "n", "--"+b)+"\r\n--"+b+"--\r\n", b)
		f.Add("--"+b+"--", b)
		f.Add("pre\r\n--"+b+" \t\r\n"+field("a", "\r\n--"+b+"x")+"\r\n--"+b+"--epi", b)
		f.Add("--"+b+"\n"+field("a", "1")+"\n--"+b+"--\n", b)
		f.Add("--"+b+"\r\n\r\n--"+b+"--\r\n", b)
	}
	f.Fuzz(func(t *testing.T, body, boundary string) {
		typ := mime.FormatMediaType("multipart/form-data", map[string]string{"boundary": boundary})
		if typ == "" || strings.ContainsAny(boundary, "\r\n\x00") || strings.TrimSpace(typ) != typ || len(typ) > 1000 || len(body) > 8<<10 {
			return // no field, a field line that a head is refused for, or more parts than a form may have
		}
		whole, err := readForm(t, typ, strings.NewReader(body))
		pieces, err2 := readForm(t, typ, &trickle{body})
		if fmt.Sprint(err) != fmt.Sprint(err2) || !reflect.DeepEqual(whole.Values, pieces.Values) || len(whole.Files) != len(pieces.Files) {
			t.Fatalf("whole: %v %v, in pieces: %v %v", whole, err, pieces, err2)
		}
		if err != nil {
			if statusOf(err) != 400 {
				t.Errorf("status of %v", err)
			}
			return
		}
		if strings.Contains(strings.ToLower(body), "transfer-encoding") {
			return // mime/multipart decodes one of the two codings
		}
		want, bad := multipart.NewReader(strings.NewReader(body), boundary).ReadForm(1 << 20)
		if bad != nil {
			return
		}
		for name, values := range whole.Values {
			if !reflect.DeepEqual(want.Value[name], values) {
				t.Errorf("field %q: got %q, want %q", name, values, want.Value[name])
			}
		}
		for name, files := range whole.Files {
			for _, file := range files {
				if b, _ := file.Bytes(); !contains(want.File[name], b) {
					t.Errorf("file %q %q: %q is not what mime/multipart finds", name, file.Name, b)
				}
			}
		}
	})
}

func readForm(t *testing.T, typ string, body io.Reader) (*bind.Form, error) {
	c := pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Chunks(typ, body))
	(&bind.Binder{Limits: bind.Limits{FileMemory: 8}}).ProcessRequest(c)
	return bind.ReadForm(c)
}

// trickle is a reader of one byte at a time.
type trickle struct{ s string }

func (r *trickle) Read(p []byte) (int, error) {
	if r.s == "" {
		return 0, io.EOF
	}
	n := copy(p[:1], r.s)
	r.s = r.s[n:]
	return n, nil
}

func contains(files []*multipart.FileHeader, content []byte) bool {
	for _, h := range files {
		r, err := h.Open()
		if err != nil {
			continue
		}
		b, _ := io.ReadAll(r)
		r.Close()
		if bytes.Equal(b, content) {
			return true
		}
	}
	return false
}

// JSON never panics, its errors have a place, and what is bound without one is what encoding/json makes of it.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"customer":"a"}`, `{"items":[{"price":"x"},{"parts":[{"amount":-1}]}]}`, `{"ship":null,"when":"x"}`, `[]`, `{`,
		`{"any":[[[[[[[[]]]]]]]]}`, `{"customer":"a","customer":1}`, `{"a/b~c":{"]":"longer"}}`, `{"Small":300,"small":1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, b := range []*bind.Binder{{}, {DisallowUnknownFields: true}} {
			var got order
			err := b.Struct(pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Body("application/json", body)), &got)
			var p *bind.Problem
			if err != nil && !errors.As(err, &p) {
				t.Fatalf("%q: %v", body, err)
			}
			if err != nil && p.Status == 422 && len(p.Errors) == 0 {
				t.Errorf("%q: no errors", body)
			}
			if err != nil && p.Answer(pipelinetest.NewCtx(t, "GET", "/")) != nil {
				t.Errorf("%q: no answer", body)
			}
		}
	})
}
