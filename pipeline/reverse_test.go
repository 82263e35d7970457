package pipeline

import (
	"errors"
	"testing"

	"github.com/wheelpit/wheelpit/router"
)

func TestReverseOfARequest(t *testing.T) {
	app := New()
	app.Path("articles/<int:year>/<slug:title>/", func(c *Ctx) error {
		u, err := c.Reverse("article", 2026, "a-b")
		if err != nil {
			return err
		}
		v, err := c.ReverseWith("article", router.Reverse{Kwargs: map[string]any{"year": 1, "title": "x"}, Fragment: "top"})
		if err != nil {
			return err
		}
		return c.Text(200, u+" "+v)
	}, Name("article"))
	app.Path("none/", func(c *Ctx) error { _, err := c.Reverse("none"); return err })
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	c := request(t, "GET /articles/7/z/")
	chain.Run(c)
	if got := string(c.Res().Parts()[0].Bytes); got != "/articles/2026/a-b/ /articles/1/x/#top" {
		t.Error(got)
	}
	c = request(t, "GET /none/")
	if chain.Run(c); !errors.Is(c.Err(), router.ErrNoReverse) {
		t.Errorf("%v", c.Err())
	}
	if _, err := NewCtx().Reverse("article"); err == nil {
		t.Error("a request of no application was reversed")
	}
}
