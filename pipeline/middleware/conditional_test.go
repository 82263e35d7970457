package middleware

import (
	"crypto/md5"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// tagOf is the entity tag that ConditionalGet makes of a body.
func tagOf(body string) string { return fmt.Sprintf(`"%x"`, md5.Sum([]byte(body))) }

// conditional is an application behind ConditionalGet with bodies of every kind.
func conditional(t *testing.T) *pipelinetest.Client {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	stamp := time.Date(2011, 2, 12, 17, 38, 44, 0, time.UTC)
	if err := os.Chtimes(name, stamp, stamp); err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	app.Use(ConditionalGet{})
	app.Get("/written", func(c *pipeline.Ctx) error {
		_, err := io.WriteString(c, "ab")
		return err
	})
	app.Get("/parts", func(c *pipeline.Ctx) error {
		c.SetStatus(200)
		c.AddPart(pipeline.Part{Bytes: []byte("a"), Static: true})
		c.AddPart(pipeline.Part{Bytes: []byte("b")})
		return nil
	})
	app.Get("/empty", func(c *pipeline.Ctx) error { return c.NoContent(200) })
	app.Get("/file", func(c *pipeline.Ctx) error { return c.SendFile("text/plain", name) })
	app.Get("/stream", func(c *pipeline.Ctx) error {
		_ = c.SetHeader("ETag", `"s"`)
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_, err := s.Write([]byte("streamed"))
			return err
		})
	})
	app.Get("/cookie", func(c *pipeline.Ctx) error {
		_ = c.AddHeader("Set-Cookie", "a=b")
		_ = c.AddHeader("Set-Cookie", "c=d")
		_ = c.SetHeader("X-Other", "1")
		return c.Text(200, "ab")
	})
	return pipelinetest.NewClient(t, app)
}

func TestConditionalGetBodies(t *testing.T) {
	client := conditional(t)
	match := func(tag string) pipelinetest.Option { return pipelinetest.Header("If-None-Match", tag) }
	client.Get("/written").AssertHeader("ETag", tagOf("ab")).AssertBody("ab")
	client.Get("/parts").AssertHeader("ETag", tagOf("ab")).AssertBody("ab")
	client.Get("/empty").AssertHeader("ETag", "")
	client.Get("/written", match(tagOf("ab"))).AssertStatus(304).AssertBody("").AssertHeader("Content-Type", "")
	client.Get("/parts", match(`"x", W/`+tagOf("ab"))).AssertStatus(304)
	client.Head("/written", match(tagOf("ab"))).AssertStatus(200).AssertHeader("ETag", "")

	client.Get("/file").AssertStatus(200).AssertHeader("ETag", "").AssertBody("content")
	since := pipelinetest.Header("If-Modified-Since", "Sat, 12 Feb 2011 17:38:44 GMT")
	client.Get("/file", since).AssertStatus(304).AssertBody("").AssertHeader("Last-Modified", "Sat, 12 Feb 2011 17:38:44 GMT")
	client.Get("/file", pipelinetest.Header("If-Match", "*")).AssertStatus(412).AssertBody("")

	client.Get("/stream").AssertBody("streamed")
	client.Get("/stream", match(`"s"`)).AssertStatus(304).AssertBody("")

	res := client.Get("/cookie", match(tagOf("ab"))).AssertStatus(304).AssertHeader("X-Other", "")
	if got := res.Header.Values("Set-Cookie"); len(got) != 2 {
		t.Errorf("cookies of a 304: %q", got)
	}
	client.Get("/cookie", pipelinetest.Header("If-Match", `"x"`)).AssertStatus(412).AssertHeader("Set-Cookie", "")
}

func TestNoStore(t *testing.T) {
	for value, want := range map[string]bool{"no-store": true, "max-age=1 , No-Store": true, "no-store,x": true, "no-store-x": false,
		"": false, "private": false} {
		c := pipelinetest.NewCtx(t, "GET", "/")
		_ = c.AddHeader("Cache-Control", "max-age=9")
		_ = c.AddHeader("cache-control", value)
		if got := noStore(c); got != want {
			t.Errorf("%q: got %t", value, got)
		}
	}
}
