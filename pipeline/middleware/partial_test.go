package middleware

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/nethttp"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// A part of a representation is left alone: it is a part of what is not compressed, and its bytes are no name for the whole.
func TestPartialContent(t *testing.T) {
	app := pipeline.New()
	app.Use(&GZip{}, ConditionalGet{})
	app.Get("/{name}", nethttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a.txt", time.Unix(1e9, 0), strings.NewReader(text))
	}))
	cl := pipelinetest.NewClient(t, app)
	for _, ranges := range []string{"bytes=0-999", "bytes=0-999,2000-2999", "bytes=0-9"} {
		plain := cl.Get("/a", pipelinetest.Header("Range", ranges)).AssertStatus(206)
		packed := cl.Get("/a", pipelinetest.Header("Range", ranges), accept).AssertStatus(206)
		if enc := packed.Header.Get("Content-Encoding"); enc != "" || len(packed.Body) != len(plain.Body) {
			t.Errorf("%s: encoding %q, %d of %d bytes", ranges, enc, len(packed.Body), len(plain.Body))
		}
		if tag := plain.Header.Get("ETag"); tag != "" {
			t.Errorf("%s: the part has the tag %s", ranges, tag)
		}
	}
}

// Ranges are of the bytes as they are, which a compressed response does not have.
func TestGZipTakesNoRanges(t *testing.T) {
	cl := compressed(t, func(c *pipeline.Ctx) error {
		if err := c.SetHeader("Accept-Ranges", "bytes"); err != nil {
			return err
		}
		return c.Text(200, text)
	})
	if got := cl.Get("/", accept).AssertHeader("Content-Encoding", "gzip").Header.Get("Accept-Ranges"); got != "" {
		t.Errorf("Accept-Ranges: %s", got)
	}
	cl.Get("/").AssertHeader("Accept-Ranges", "bytes")
}

// A response to HEAD of a short body, which net/http handlers stream, tells of no coding that GET would not have.
func TestGZipOfHead(t *testing.T) {
	app := pipeline.New()
	app.Use(&GZip{})
	app.Handle("/{size}", nethttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", r.PathValue("size"))
		size, _ := strconv.Atoi(r.PathValue("size"))
		_, _ = w.Write([]byte(text[:size]))
	}))
	cl := pipelinetest.NewClient(t, app)
	for _, path := range []string{"/0", "/199", "/5000"} {
		want := cl.Get(path, accept).Header
		got := cl.Head(path, accept).Header
		for _, name := range []string{"Content-Encoding", "Vary"} {
			if got.Get(name) != want.Get(name) {
				t.Errorf("%s: %s is %q with HEAD and %q with GET", path, name, got.Get(name), want.Get(name))
			}
		}
	}
}
