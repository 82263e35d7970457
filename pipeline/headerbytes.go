package pipeline

// AddHeaderBytes is AddHeader with a value that is copied.
func (c *Ctx) AddHeaderBytes(name string, value []byte) error {
	return c.AddHeader(name, c.keep(value))
}
