package pipeline

import (
	"strings"
	"testing"
)

// A mounted application begins again when it needs a worker; the match of the outer route has to be there then, and for
// the hooks of the outer application.
func TestMountedApplicationNeedsAWorker(t *testing.T) {
	sub := New()
	sub.Get("/x/{n}", func(c *Ctx) error { return c.Text(200, c.Param("n")) })
	app := New()
	var log []string
	app.Use(func(next Handler) Handler {
		return func(c *Ctx) error {
			err := next(c)
			log = append(log, string(c.RestBytes()), c.Path())
			return err
		}
	})
	app.MountApp("/sub/", sub)
	for _, wrapped := range []bool{true, false} {
		if !wrapped {
			app = New()
			app.MountApp("/sub/", sub)
		}
		chain, err := app.Compile()
		if err != nil {
			t.Fatal(err)
		}
		c := request(t, "GET /sub/x/7")
		c.SetWorker(false)
		if out := chain.Run(c); out != NeedWorker {
			t.Fatalf("outcome %d", out)
		}
		c.SetWorker(true)
		if out := chain.Run(c); out != Done || c.Res().Status != 200 || string(c.Res().Parts()[0].Bytes) != "7" {
			t.Errorf("outcome %d, status %d: %v", out, c.Res().Status, c.Err())
		}
	}
	if got := strings.Join(log, " "); got != "/x/7 /sub/x/7" {
		t.Errorf("behind the mount: %s", got)
	}
}
