package pipeline

// MountApp serves everything below prefix with another application, whose middleware applies there only; its paths are
// what is behind the prefix. Inside, hooks and errors are the inner application's own; what escapes it is an error of the
// outer one's handler.
func (rs *Routes) MountApp(prefix string, sub *App) {
	ch, err := sub.Compile()
	if err != nil {
		rs.faults = append(rs.faults, err)
		return
	}
	rs.Mount(prefix, ch.nested, Inline)
}

// nested runs the chain as a handler of another one. When it needs a worker it begins again there, so hooks that run on the
// reactor before that may run twice.
func (ch *Chain) nested(c *Ctx) error {
	outer, conf, target, viewStep, path, mount, hooked := c.chain, c.conf, c.target, c.viewStep, c.path, c.mount, c.hooked
	c.chain, c.conf, c.target, c.viewStep = ch, nil, nil, 0
	c.hooked = hooked || ch.HasResponseHooks()
	if rest := c.Match.Rest(); rest != "" {
		c.mount, c.path = mount+path[:len(path)-len(rest)], rest
	}
	f := frame{phase: inRequest, limit: everyLayer}
	out := ch.run(ch.top, &f, c)
	c.chain, c.conf, c.target, c.viewStep, c.path, c.mount, c.hooked = outer, conf, target, viewStep, path, mount, hooked
	if conf != nil {
		conf.table.Find(c.methodBit(), path, &c.Match) // what lies within has put its own match in the place of this one
	}
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
