package pipeline

// SetParts makes parts the body in the place of the one there is, which must not be a stream. The references of their files
// pass to c; those of the old parts are given back.
func (c *Ctx) SetParts(parts []Part) {
	if c.res.stream != nil {
		return
	}
	for i := range c.res.parts {
		if f := c.res.parts[i].File; f != nil {
			f.Release()
		}
		c.res.parts[i] = Part{}
	}
	c.res.parts, c.res.length, c.res.ready = c.res.parts[:0], 0, nil
	for i := range parts {
		c.AddPart(parts[i])
	}
}
