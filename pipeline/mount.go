package pipeline

// MountApp serves everything below prefix with another application, whose middleware applies there only; its paths are
// what is behind the prefix. Inside, hooks and errors are the inner application's own; what escapes it is an error of the
// outer one's handler.
func (a *App) MountApp(prefix string, sub *App) {
	ch, err := sub.Compile()
	if err != nil {
		a.faults = append(a.faults, err)
		return
	}
	a.Mount(prefix, ch.nested, Inline)
}

// nested runs the chain as a handler of another one. When it needs a worker it begins again there, so hooks that run on the
// reactor before that may run twice.
func (ch *Chain) nested(c *Ctx) error {
	outer, route, viewStep, path, hooked := c.chain, c.route, c.viewStep, c.path, c.hooked
	c.chain, c.route, c.viewStep = ch, nil, 0
	c.hooked = hooked || ch.HasResponseHooks()
	if rest := c.Match.Rest(); rest != "" {
		c.path = rest
	}
	f := frame{limit: everyLayer}
	out := ch.run(ch.top, &f, c)
	c.chain, c.route, c.viewStep, c.path, c.hooked = outer, route, viewStep, path, hooked
	switch out {
	case Done:
		err := c.escaped
		c.escaped = nil
		return err
	case Aborted:
		panic(abort{})
	}
	c.resetResponse()
	return ErrOffload
}

// Hooked tells whether Response hooks of a mounted application are still to run.
func (c *Ctx) Hooked() bool { return c.hooked }
