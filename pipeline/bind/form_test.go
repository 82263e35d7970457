package bind_test

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/bind"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// multi is a multipart body of parts, each its header lines and its content, with the boundary B.
func multi(parts ...string) pipelinetest.Option {
	body := ""
	for _, p := range parts {
		body += "--B\r\n" + p + "\r\n"
	}
	return pipelinetest.Body("multipart/form-data; boundary=B", body+"--B--\r\n")
}

func field(name, value string) string {
	return "Content-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value
}

func file(name, fileName, value string) string {
	return "Content-Disposition: form-data; name=\"" + name + "\"; filename=\"" + fileName + "\"\r\nContent-Type: text/x\r\n\r\n" + value
}

// seen is a form as a text: fields in order of name, then files with their sizes.
func seen(t *testing.T, f *bind.Form) string {
	t.Helper()
	var files []string
	for name, list := range f.Files {
		for _, file := range list {
			b, err := file.Bytes()
			if err != nil || int64(len(b)) != file.Size {
				t.Error(err, len(b), file.Size)
			}
			where := ""
			if !file.InMemory() {
				where = " on disk"
			}
			files = append(files, fmt.Sprintf("%s %q %q%s", name, file.Name, b, where))
		}
	}
	return strings.TrimSpace(f.Values.Encode() + " " + strings.Join(files, " "))
}

func TestReadForm(t *testing.T) {
	small := bind.Limits{Memory: 40, Fields: 3, Files: 2, FileMemory: 8, PartHeader: 120}
	urlencoded := func(body string) pipelinetest.Option {
		return pipelinetest.Body("application/x-www-form-urlencoded", body)
	}
	long := strings.Repeat("x", 121)
	for _, c := range []struct {
		name string
		body pipelinetest.Option
		want string
		err  error
	}{
		{"urlencoded", urlencoded("a=1&a=2&b=%C3%A9+"), "a=1&a=2&b=%C3%A9+", nil},
		{"urlencoded, odd", urlencoded("&&a&=b&%zz"), "=b&%25zz=&a=", nil},
		{"urlencoded, NUL", urlencoded("a%00=%00"), "a%00=%00", nil},
		{"urlencoded, at the limit", urlencoded("a=" + strings.Repeat("x", 38)), "a=" + strings.Repeat("x", 38), nil},
		{"urlencoded, beyond it", urlencoded("a=" + strings.Repeat("x", 39)), "", pipeline.ErrTooMuchData},
		{"urlencoded, chunked beyond it", pipelinetest.Chunks("application/x-www-form-urlencoded", strings.NewReader("a="+strings.Repeat("x", 39))), "", pipeline.ErrTooMuchData},
		{"urlencoded, chunked", pipelinetest.Chunks("application/x-www-form-urlencoded", strings.NewReader("a=1")), "a=1", nil},
		{"urlencoded, too many", urlencoded("a&b&c&d"), "", pipeline.ErrTooManyFields},
		{"Latin-1", pipelinetest.Body("application/x-www-form-urlencoded; charset=iso-8859-1", "a=1"), "", pipeline.ErrBadRequest},
		{"JSON", pipelinetest.Body("application/json", "{}"), "", nil},
		{"nothing", pipelinetest.Header("X", "y"), "", nil},

		{"multipart", multi(field("a", "1"), file("f", "n.txt", "hello"), field("a", "2")), `a=1&a=2 f "n.txt" "hello"`, nil},
		{"multipart, no parts", pipelinetest.Body("multipart/form-data; boundary=B", "--B--\r\n"), "", nil},
		{"no boundary", pipelinetest.Body("multipart/form-data", "--B--\r\n"), "", pipeline.ErrUnparsed},
		{"a boundary that is not ASCII", pipelinetest.Body("multipart/form-data; boundary=\"\xe9\"", "x"), "", pipeline.ErrUnparsed},
		{"a boundary that ends in a space", pipelinetest.Body("multipart/form-data; boundary=\"B \"", "--B --\r\n"), "", pipeline.ErrUnparsed},
		{"a long boundary", pipelinetest.Body("multipart/form-data; boundary="+strings.Repeat("b", 202), "x"), "", pipeline.ErrUnparsed},
		{"the longest boundary", pipelinetest.Body("multipart/form-data; boundary="+strings.Repeat("b", 201), "--"+strings.Repeat("b", 201)+"--"), "", nil},
		{"not multipart", pipelinetest.Body("multipart/form-data; boundary=B", "a=1"), "", pipeline.ErrUnparsed},
		{"cut off", pipelinetest.Body("multipart/form-data; boundary=B", "--B\r\n"+field("a", "1")), "", pipeline.ErrUnparsed},
		{"cut off behind a part", pipelinetest.Body("multipart/form-data; boundary=B", "--B\r\n"+field("a", "1")+"\r\n--B\r\n"), "", pipeline.ErrUnparsed},
		{"cut off within the closing delimiter", pipelinetest.Body("multipart/form-data; boundary=B", "--B\r\n"+field("a", "1")+"\r\n--B-"), "", pipeline.ErrUnparsed},
		{"no line end behind it, chunked", pipelinetest.Chunks("multipart/form-data; boundary=B", strings.NewReader("--B\r\n"+field("a", "1")+"\r\n--B--")), "a=1", nil},
		{"an epilogue", pipelinetest.Body("multipart/form-data; boundary=B", "--B\r\n"+field("a", "1")+"\r\n--B--\r\nthat's all"), "a=1", nil},
		{"the larger files go to the disk", multi(file("f", "a", "12345678"), file("f", "b", "1"), file("g", "c", "22")), "", pipeline.ErrTooManyFiles},
		{"a file in memory, one on disk", multi(file("f", "a", "12345678"), file("f", "b", "123")), `f "a" "12345678" f "b" "123" on disk`, nil},
		{"two on disk", multi(file("f", "a", "123456789"), file("f", "b", "abcdefghij")), `f "a" "123456789" on disk f "b" "abcdefghij" on disk`, nil},
		{"an input left empty", multi(file("f", "", "")), "", nil},
		{"empty inputs count", multi(file("f", "", ""), file("f", "", ""), file("f", "", "")), "", pipeline.ErrTooManyFiles},
		{"an empty file", multi(file("f", "a", "")), `f "a" ""`, nil},
		{"a name that is a path", multi(file("f", `..\..\/etc/&#47;pass&#x77;d`, "x")), `f "passwd" "x"`, nil},
		{"nothing left of a name", multi(file("f", "../..", "x")), "", nil},
		{"too many fields", multi(field("a", ""), field("b", ""), field("c", ""), field("d", "")), "", pipeline.ErrTooManyFields},
		{"too much data", multi(field("a", strings.Repeat("x", 20)), field("b", strings.Repeat("x", 15))), "", pipeline.ErrTooMuchData},
		{"as much as may be", multi(field("a", strings.Repeat("x", 20)), field("b", strings.Repeat("x", 14))), "a=xxxxxxxxxxxxxxxxxxxx&b=xxxxxxxxxxxxxx", nil},
		{"files do not count", multi(file("a", "b", strings.Repeat("x", 99))), `a "b" "` + strings.Repeat("x", 99) + `" on disk`, nil},
		{"a long name", multi(field(strings.Repeat("n", 60), "")), "", pipeline.ErrTooMuchData},
		{"a large header", multi("X: " + long + "\r\n" + field("a", "1")), "", pipeline.ErrUnparsed},
		{"no Content-Disposition", multi("X: y\r\n\r\nz"), "", pipeline.ErrUnparsed},
		{"two of them", multi("Content-Disposition: form-data; name=a\r\n" + field("b", "1")), "", pipeline.ErrUnparsed},
		{"one that is broken", multi("Content-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n1"), "", pipeline.ErrUnparsed},
		{"one without a name", multi("Content-Disposition: form-data\r\n\r\nz", field("a", "1")), "a=1", nil},
		{"one of another kind", multi("Content-Disposition: attachment; name=a\r\n\r\nz"), "", nil},
		{"parts that are skipped count", multi("Content-Disposition: x\r\n\r\nz", field("a", ""), field("b", ""), field("c", "")), "", pipeline.ErrTooManyFields},
		{"base64", multi("Content-Transfer-Encoding: base64\r\n" + field("a", "aGVs\r\nbG8=")), "a=hello", nil},
		{"base64, broken", multi("Content-Transfer-Encoding: base64\r\n" + field("a", "a*Vs")), "", pipeline.ErrUnparsed},
		{"quoted-printable", multi("Content-Transfer-Encoding: quoted-printable\r\n" + field("a", "=41=")), "a=A", nil},
		{"another coding", multi("Content-Transfer-Encoding: gzip\r\n" + field("a", "x")), "", pipeline.ErrUnparsed},
		{"a name in another form", multi("Content-Disposition: form-data; name=f; filename*=utf-8''%C3%A9\r\n\r\nx"), `f "é" "x"`, nil},
		{"NUL in a name", multi(file("f\x00", "a\x00b", "x")), "", pipeline.ErrUnparsed},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := pipelinetest.NewCtx(t, "POST", "/", c.body)
			b := &bind.Binder{Limits: small}
			b.ProcessRequest(ctx)
			form, err := bind.ReadForm(ctx)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if got := seen(t, form); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if err != nil && statusOf(err) != 400 {
				t.Errorf("status %d", statusOf(err))
			}
			again, err2 := bind.ReadForm(ctx) // rule H20
			if err2 != err || ctx.ContentLength() != 0 && again != form {
				t.Errorf("the second call: %v, %v", again, err2)
			}
			type in struct {
				A string `form:"a"`
			}
			if v, err := bind.Into[in](ctx); c.err != nil {
				if !errors.Is(err, c.err) || statusOf(err) != 400 {
					t.Errorf("Into: %+v, %v", v, err)
				}
			} else if c.name != "JSON" && (err != nil || v.A != form.Value("a")) {
				t.Errorf("Into: %+v, %v", v, err)
			}
		})
	}
}

// The defaults are Django's: 1,000 fields, 100 files, 2.5 MB.
func TestDefaultLimits(t *testing.T) {
	many := func(n int, part string) pipelinetest.Option {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = part
		}
		return multi(parts...)
	}
	const mb = 2621440
	for _, c := range []struct {
		name string
		body pipelinetest.Option
		err  error
	}{
		{"1,000 fields", many(1000, field("a", "")), nil},
		{"1,001 fields", many(1001, field("a", "")), pipeline.ErrTooManyFields},
		{"1,000 pairs", pipelinetest.Form(url.Values{"a": make([]string, 1000)}), nil},
		{"1,001 pairs", pipelinetest.Form(url.Values{"a": make([]string, 1001)}), pipeline.ErrTooManyFields},
		{"10^6 keys", pipelinetest.Body("application/x-www-form-urlencoded", strings.Repeat("a&", 1e6)), pipeline.ErrTooManyFields},
		{"100 files", many(100, file("a", "b", "c")), nil},
		{"101 files", many(101, file("a", "b", "c")), pipeline.ErrTooManyFiles},
		{"2.5 MB", multi(field("a", strings.Repeat("x", mb-3))), nil},
		{"and a byte", multi(field("a", strings.Repeat("x", mb-2))), pipeline.ErrTooMuchData},
	} {
		ctx := pipelinetest.NewCtx(t, "POST", "/", c.body)
		ctx.SetBodyLimit(100 << 20)
		if _, err := bind.ReadForm(ctx); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestFormIntoStruct(t *testing.T) {
	type profile struct {
		Name   string       `form:"name" validate:"required"`
		Age    *int         `form:"age" validate:"omitempty,min=18"`
		Tags   []string     `form:"tag"`
		News   bool         `form:"news"`
		Avatar *bind.File   `file:"avatar" validate:"required"`
		More   []*bind.File `file:"more"`
	}
	values := url.Values{"name": {"a"}, "age": {"20"}, "tag": {"x", "y"}, "news": {"on"}}
	got, err := bind.Into[profile](pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Upload(values,
		pipelinetest.File{Field: "avatar", Name: "a.png", Content: "png"}, pipelinetest.File{Field: "more", Name: "1"}, pipelinetest.File{Field: "more", Name: "2"})))
	if err != nil {
		t.Fatal(err)
	}
	if got.Avatar.Name != "a.png" || len(got.More) != 2 || *got.Age != 20 || !got.News || !reflect.DeepEqual(got.Tags, []string{"x", "y"}) {
		t.Errorf("%+v", got)
	}
	_, err = bind.Into[profile](pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Form(url.Values{"age": {"x"}})))
	if got := faults(err); got != "form age type; form name required; form avatar required" {
		t.Error(got)
	}
	_, err = bind.Into[profile](pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Upload(values), pipelinetest.Inline()))
	if !errors.Is(err, pipeline.ErrOffload) {
		t.Error(err)
	}
}

// broken is a body that fails after some bytes.
type broken struct {
	io.Reader
	err error
}

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

func TestErrorsOfTheClientsConnectionStay(t *testing.T) {
	for _, part := range []string{"", "--B\r\n", "--B\r\n" + field("a", "x"), "--B\r\n" + file("a", "x", "y")} {
		c := pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Chunks("multipart/form-data; boundary=B", broken{strings.NewReader(part), pipeline.ErrClientGone}))
		if _, err := bind.ReadForm(c); !errors.Is(err, pipeline.ErrClientGone) || errors.Is(err, pipeline.ErrUnparsed) {
			t.Errorf("%q: %v", part, err)
		}
	}
}

// endless yields a head and then n bytes of x.
func endless(head string, n int64) io.Reader {
	return io.MultiReader(strings.NewReader(head), io.LimitReader(xs{}, n))
}

type xs struct{}

var manyXs = []byte(strings.Repeat("x", 1<<16))

func (xs) Read(p []byte) (int, error) { return copy(p, manyXs), nil }

// counter counts what is read and the most memory in use meanwhile.
type counter struct {
	io.Reader
	n    int64
	next int64
	heap uint64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.n += int64(n); c.n >= c.next {
		c.next += 64 << 20
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		c.heap = max(c.heap, m.HeapAlloc)
	}
	return n, err
}

// A gigabyte of anything is refused early, or read through, and never gathered.
func TestMemoryStaysFlat(t *testing.T) {
	gib := int64(1 << 30)
	if testing.Short() { // one goroutine reads it all: the race detector only makes it slow
		gib = 128 << 20
	}
	for _, c := range []struct {
		name  string
		typ   string
		head  string
		limit int64
		err   error
		read  int64 // at most
	}{
		{"urlencoded", "application/x-www-form-urlencoded", "a=", 2 * gib, pipeline.ErrTooMuchData, 4 << 20},
		{"a value", "multipart/form-data; boundary=B", "--B\r\n" + field("a", ""), 2 * gib, pipeline.ErrTooMuchData, 4 << 20},
		{"a header", "multipart/form-data; boundary=B", "--B\r\nX-Long: ", 2 * gib, pipeline.ErrUnparsed, 64 << 10},
		{"a preamble", "multipart/form-data; boundary=B", "", 2 * gib, pipeline.ErrUnparsed, 64 << 10},
		{"a file over the body limit", "multipart/form-data; boundary=B", "--B\r\n" + file("a", "f", ""), 8 << 20, pipeline.ErrBodyTooLarge, 9 << 20},
		{"a part that is skipped", "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data\r\n\r\n", 2 * gib, pipeline.ErrUnparsed, 2 * gib},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := &counter{Reader: endless(c.head, gib)}
			ctx := pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Chunks(c.typ, body))
			ctx.SetBodyLimit(c.limit)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err := bind.ReadForm(ctx)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, c.err) {
				t.Error(err)
			}
			if body.n > c.read {
				t.Errorf("read %d bytes", body.n)
			}
			if grown := max(body.heap, after.HeapAlloc) - min(before.HeapAlloc, body.heap, after.HeapAlloc); grown > 24<<20 {
				t.Errorf("the heap grew by %d bytes", grown)
			}
		})
	}
}

func TestTemporaryFilesGo(t *testing.T) {
	dir := t.TempDir()
	ctx := pipelinetest.NewCtx(t, "POST", "/", multi(file("f", "a", "0123456789"), file("f", "b", "abc")))
	b := &bind.Binder{Limits: bind.Limits{FileMemory: 4, TempDir: dir}}
	b.ProcessRequest(ctx)
	form, err := bind.ReadForm(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("the temporary file has a name: %v", left)
	}
	f := form.File("f")
	if f.InMemory() || !form.Files["f"][1].InMemory() {
		t.Error("the first file belongs on the disk, the second fits")
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if b, err := io.ReadAll(f.Open()); err != nil || string(b) != "0123456789" {
				t.Errorf("%q %v", b, err)
			}
		})
	}
	wg.Wait()
	ctx.Reset()
	if _, err := f.Bytes(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after the request: %v", err)
	}

	ctx = pipelinetest.NewCtx(t, "POST", "/", multi(file("f", "a", "0123456789")))
	b = &bind.Binder{Limits: bind.Limits{FileMemory: 4, TempDir: dir + "/none"}}
	b.ProcessRequest(ctx)
	if _, err := bind.ReadForm(ctx); !errors.Is(err, os.ErrNotExist) || statusOf(err) != 500 {
		t.Errorf("no directory for temporary files: %v", err)
	}
}
