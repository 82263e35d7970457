package router

// Warning is something that [Compile] accepts but that is hardly meant.
type Warning struct {
	Pattern string
	Text    string
}

// String is the line for a log.
func (w Warning) String() string { return "router: pattern \"" + w.Pattern + "\": " + w.Text }

func (c *compiler) warnAll() {}
