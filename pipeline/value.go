package pipeline

// Value is a text made for a request: the value of a directive that may contain variables. It appends the text to dst and
// returns the longer slice. A nil Value means "not set", which is not the same as an empty text. It runs where the request
// is and must neither block nor keep c.
type Value func(c *Ctx, dst []byte) []byte

// Literal is the Value of a text without variables.
func Literal(text string) Value {
	return func(_ *Ctx, dst []byte) []byte { return append(dst, text...) }
}
