package slice_test

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/slice"
)

// origin answers ranges of its body, as a file server does.
type origin struct {
	body   string
	etag   string
	filter *slice.Filter
	mu     sync.Mutex // guards asked
	asked  []string
	spoil  func(h *slice.Head, body *string) // what it gets wrong in the slices fetched
}

func (o *origin) slice(byteRange string) (h slice.Head, body string) {
	first, last, _ := strings.Cut(strings.TrimPrefix(byteRange, "bytes="), "-")
	from, _ := strconv.Atoi(first)
	to, _ := strconv.Atoi(last)
	if to = min(to+1, len(o.body)); from >= to {
		return slice.Head{Status: 416}, "unsatisfiable"
	}
	return slice.Head{Status: 206, ETag: o.etag, ContentRange: fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(o.body))}, o.body[from:to]
}

// serve is the handler of the location.
func (o *origin) serve(c *pipeline.Ctx) error {
	b, _ := o.filter.AppendRange(c, nil)
	o.ask(string(b), true)
	h, body := o.slice(string(b))
	_ = c.SetHeader("Content-Range", h.ContentRange)
	_ = c.SetHeader("ETag", h.ETag)
	_ = c.SetHeader("Last-Modified", modified)
	return c.Bytes(h.Status, "text/plain", []byte(body))
}

// ask notes what is asked for; anew for the first slice of an answer.
func (o *origin) ask(byteRange string, anew bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if anew {
		o.asked = o.asked[:0]
	}
	o.asked = append(o.asked, byteRange)
}

const modified = "Sun, 06 Nov 1994 08:49:37 GMT"

func (o *origin) fetch(_ *pipeline.Ctx, byteRange string, head func(slice.Head) error, w io.Writer) error {
	o.ask(byteRange, false)
	h, body := o.slice(byteRange)
	if o.spoil != nil {
		o.spoil(&h, &body)
	}
	if err := head(h); err != nil {
		return err
	}
	_, err := io.WriteString(w, body)
	return err
}

func start(t *testing.T, o *origin, size int64) (addr string) {
	t.Helper()
	f, err := slice.New(slice.Config{Size: size, Fetch: o.fetch})
	if err != nil {
		t.Fatal(err)
	}
	o.filter = f
	app := pipeline.New()
	app.Use(f)
	app.Path("t.txt", o.serve)
	return filtertest.Serve(t, app)
}

func TestAgainstNginx(t *testing.T) {
	text := ""
	for i := range 10 {
		text += fmt.Sprintf("%09d\n", i)
	}
	dir := filtertest.Dir(t, map[string]string{"t.txt": text})
	back := filtertest.Nginx(t, dir, "", "")
	for _, size := range []int64{1, 7, 10, 100, 1000} {
		nginx := filtertest.Nginx(t, dir, "", fmt.Sprintf("slice %d; location / { proxy_pass http://%s; proxy_set_header Range $slice_range; proxy_http_version 1.1; proxy_force_ranges on; }", size, back))
		etag := filtertest.Get(t, nginx, "GET", "/t.txt", "1.1").Header.Get("ETag")
		ours := start(t, &origin{body: text, etag: etag}, size)
		for _, r := range []string{"", "bytes=0-", "bytes=0-0", "bytes=5-14", "bytes=10-19", "bytes=25-34", "bytes=99-99", "bytes=99-500", "bytes=-1", "bytes=-25", "bytes=-500", "bytes=-0", "bytes=0-1,5-6",
			"bytes=x", "bytes=5-2", "bytes= 5 - 7", "BYTES=5-7", "items=0-1", "bytes=50-", "bytes=95-", "bytes=", "bytes=5", "bytes=5-x", "bytes=5-6x",
			"bytes=x,5-6", "bytes=5-,7-", "bytes=5-99999999999999999999", "bytes=99999999999999999999-", "bytes=- 5", "bytes=0-9223372036854775807", "bytes=-9223372036854775807"} {
			for _, condition := range []string{"X: y", "If-Range: " + etag, `If-Range: "other"`} {
				fields := []string{condition}
				if r != "" {
					fields = append(fields, "Range: "+r)
				}
				want, got := filtertest.Get(t, nginx, "GET", "/t.txt", "1.1", fields...), filtertest.Get(t, ours, "GET", "/t.txt", "1.1", fields...)
				diff := filtertest.Diff(want, got, "Content-Range", "Etag", "Content-Length")
				if want.StatusCode == 416 && got.StatusCode == 416 { // whose page differs
					continue
				}
				if diff != "" || want.Body != got.Body {
					t.Errorf("slices of %d, %q: %s\n got %q\nnginx %q", size, fields, diff, got.Body, want.Body)
				}
			}
		}
	}
}

// No more slices are asked for than the client needs.
func TestAsked(t *testing.T) {
	o := &origin{body: strings.Repeat("0123456789", 10), etag: `"x"`}
	addr := start(t, o, 10)
	for r, want := range map[string]string{
		"bytes=25-34": "bytes=20-29 bytes=30-39", "bytes=0-9": "bytes=0-9", "bytes=-5": "bytes=0-9 bytes=90-99", "bytes=98-200": "bytes=90-99",
		"bytes=-101": "bytes=0-9 bytes=10-19 bytes=20-29 bytes=30-39 bytes=40-49 bytes=50-59 bytes=60-69 bytes=70-79 bytes=80-89 bytes=90-99",
	} {
		filtertest.Get(t, addr, "GET", "/t.txt", "1.1", "Range: "+r)
		o.mu.Lock()
		if got := strings.Join(o.asked, " "); got != want {
			t.Errorf("%s: asked for %s, want %s", r, got, want)
		}
		o.mu.Unlock()
	}
}

// A slice that is not what was asked for ends the body.
func TestSpoilt(t *testing.T) {
	for what, spoil := range map[string]func(h *slice.Head, body *string){
		"status": func(h *slice.Head, _ *string) { h.Status = 200 }, "etag": func(h *slice.Head, _ *string) { h.ETag = `"y"` },
		"range": func(h *slice.Head, _ *string) { h.ContentRange = "bytes 10-18/100" }, "length": func(h *slice.Head, _ *string) { h.ContentRange = "bytes 10-19/*" },
		"nonsense": func(h *slice.Head, _ *string) { h.ContentRange = "10-19/100" }, "short": func(_ *slice.Head, body *string) { *body = (*body)[1:] },
	} {
		o := &origin{body: strings.Repeat("0123456789", 10), etag: `"x"`, spoil: spoil}
		o.filter, _ = slice.New(slice.Config{Size: 10, Fetch: o.fetch})
		res := get(t, o, "bytes=0-19")
		if res.BodyErr == nil && int64(len(res.Body)) == 20 {
			t.Errorf("%s: was taken", what)
		}
		if !strings.HasPrefix("01234567890123456789", string(res.Body)) && what != "short" {
			t.Errorf("%s: %q", what, res.Body)
		}
	}
	if _, err := slice.New(slice.Config{Size: 0, Fetch: new(origin).fetch}); err == nil {
		t.Error("no size was taken")
	}
	if _, err := slice.New(slice.Config{Size: 1}); err == nil {
		t.Error("nobody to ask was taken")
	}
}

// get asks without a server.
func get(t *testing.T, o *origin, byteRange string) *pipelinetest.Response {
	t.Helper()
	c := pipelinetest.NewCtx(t, "GET", "/t.txt", pipelinetest.Header("Range", byteRange))
	if err := o.serve(c); err != nil {
		t.Fatal(err)
	}
	if err := o.filter.ProcessResponse(c); err != nil {
		t.Fatal(err)
	}
	return pipelinetest.Of(t, c)
}

var errNoHead = errors.New("no head")

// A fetch that fails, and one that never says what it got.
func TestFetchFails(t *testing.T) {
	for _, err := range []error{nil, errNoHead} {
		o := &origin{body: strings.Repeat("0123456789", 10), etag: `"x"`}
		o.filter, _ = slice.New(slice.Config{Size: 10, Fetch: func(*pipeline.Ctx, string, func(slice.Head) error, io.Writer) error { return err }})
		if res := get(t, o, "bytes=0-19"); res.BodyErr == nil || err != nil && !errors.Is(res.BodyErr, err) {
			t.Errorf("%v: %q, %v", err, res.Body, res.BodyErr)
		}
	}
}
