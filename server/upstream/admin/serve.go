package admin

import "github.com/wheelpit/wheelpit/pipeline"

// Handle is the API as a handler. It is not for reactors: register it without Inline.
func (h *Handler) Handle(c *pipeline.Ctx) error {
	body, err := c.Body()
	if err != nil {
		return err
	}
	a := h.Do(c.Method(), c.PathView(), body)
	for _, f := range [][2]string{{"Location", a.Location}, {"Allow", a.Allow}} {
		if f[1] != "" {
			if err := c.SetHeader(f[0], f[1]); err != nil {
				return err
			}
		}
	}
	if len(a.Body) == 0 {
		return c.NoContent(a.Status)
	}
	return c.Bytes(a.Status, "application/json", a.Body)
}
