package pipeline

import (
	"fmt"
	"testing"
)

func TestParams(t *testing.T) {
	app := New()
	app.Path("<int:n>/<str:s>/", func(c *Ctx) error {
		c.SetParam("s", "set")
		c.SetParam("more", 1.5)
		return c.Text(200, fmt.Sprintf("%#v", c.Params()))
	})
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	c := request(t, "GET /007/x/")
	chain.Run(c)
	if got := string(c.Res().Parts()[0].Bytes); got != `map[string]interface {}{"more":1.5, "n":7, "s":"set"}` {
		t.Error(got)
	}
	if params := NewCtx().Params(); len(params) != 0 {
		t.Errorf("%v", params)
	}
}
