package emptygif_test

import (
	"bytes"
	"image/gif"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/emptygif"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

func TestAgainstNginx(t *testing.T) {
	s := nginxtest.Start(t, t.TempDir(), "", "location / { empty_gif; }")
	app := pipeline.New()
	app.Path("", emptygif.Handler, pipeline.Inline)
	client := pipelinetest.NewClient(t, app)
	for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
		want := s.Do("", method+" / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n")
		got := client.Do(method, "/")
		if got.Status != want.Status || want.Status == 200 && string(got.Body) != want.Body {
			t.Errorf("%s: %d %q, nginx %d %q", method, got.Status, got.Body, want.Status, want.Body)
		}
		for _, name := range []string{"Last-Modified", "Content-Length", "Content-Type"} {
			if g, w := got.Header.Get(name), want.Header.Get(name); want.Status == 200 && g != w {
				t.Errorf("%s: %s is %q, nginx %q", method, name, g, w)
			}
		}
	}
}

func TestItIsAPicture(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/")
	if err := emptygif.Handler(c); err != nil {
		t.Fatal(err)
	}
	img, err := gif.Decode(bytes.NewReader(c.Res().Parts()[0].Bytes))
	if err != nil || img.Bounds().Dx() != 1 || img.Bounds().Dy() != 1 {
		t.Fatal(img, err)
	}
	if _, _, _, alpha := img.At(0, 0).RGBA(); alpha != 0 {
		t.Errorf("alpha %d", alpha)
	}
}
