// Package emptygif answers with a picture of one transparent pixel: NGINX's empty_gif.
package emptygif

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// gif is the smallest GIF89a: one transparent pixel. It never changes.
var gif = []byte("GIF89a\x01\x00\x01\x00\x80\x01\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x01\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02L\x01\x00;")

// modified is the Last-Modified that NGINX sends.
const modified = "Mon, 28 Sep 1970 06:00:00 GMT"

var errMethod error = &pipeline.Error{Status: 405, Allow: "GET, HEAD"}

// Handler answers GET and HEAD with the picture, or with 304 to who names its date; other methods with 405. It may run inline.
func Handler(c *pipeline.Ctx) error {
	if m := c.Head.Method; m != http1.MethodGet && m != http1.MethodHead {
		return errMethod
	}
	if err := c.SetHeader("Last-Modified", modified); err != nil {
		return err
	}
	if since := c.HeaderBytes(http1.IfModifiedSince); string(since) == modified {
		return c.NoContent(304)
	}
	return c.Static(200, "image/gif", gif)
}
