package server

import (
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// otherBody gives the request another body than came, on the reactor.
type otherBody struct{ body []byte }

func (o otherBody) ProcessRequest(c *pipeline.Ctx) error { c.SetBody(o.body); return nil }

// The body that a hook has given a request goes along with it to a worker.
func TestBodyOfAHook(t *testing.T) {
	for _, body := range []string{"", "x", "much longer than what came, and than the room behind it: " + strings.Repeat("y", 10000)} {
		app := pipeline.New()
		app.Use(otherBody{[]byte(body)})
		app.Post("/{where}", func(c *pipeline.Ctx) error {
			b, err := c.Body()
			if err != nil {
				return err
			}
			return c.Bytes(200, "text/plain", b)
		})
		_, addr := start(t, app)
		got := exchangeRaw(t, addr, "POST /worker HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nwire")
		if !strings.HasSuffix(got, "\r\n\r\n"+body) {
			t.Errorf("%.20q has become %.300q", body, got)
		}
	}
}
