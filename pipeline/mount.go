package pipeline

import "strings"

// MountApp serves everything below prefix with another application, whose middleware applies there only; its paths are
// what is behind the prefix. Inside, hooks and errors are the inner application's own; what escapes it is an error of the
// outer one's handler. So are its signals: OnStart is called when a request comes to it, OnFinish before that of the outer one.
func (rs *Routes) MountApp(prefix string, sub *App) {
	ch, err := sub.Compile()
	if err != nil {
		rs.faults = append(rs.faults, err)
		return
	}
	rs.Mount(prefix, ch.nested, Inline)
}

// paused is a mounted application that stopped half way, because what comes next needs a worker, or is waited for.
type paused struct {
	place
	frame frame
	path  string // what a hook of it has set
}

// nested runs the chain as a handler of another one. When it needs a worker, or waits on its reactor, it says so as a handler does, and
// goes on where it stopped: no hook runs twice.
func (ch *Chain) nested(c *Ctx) error {
	outer, path, mount, hooked := c.place, c.path, c.mount, c.hooked
	at := c.resume(ch)
	c.place, c.hooked = at.place, hooked || ch.HasResponseHooks()
	if rest := c.Match.Rest(); rest != "" {
		c.mount, c.path = mount+path[:len(path)-len(rest)], rest
	}
	given := c.path
	if at.path != "" {
		c.path = at.path
	}
	if c.target != nil {
		c.conf.table.Find(c.methodBit(), c.path, &c.Match)
	}
	out := ch.run(ch.top, &at.frame, c)
	if at.place = c.place; out == NeedWorker || out == NeedBody || out == Suspended {
		if c.path != given {
			at.path = strings.Clone(c.path)
		}
		c.paused = append(c.paused, at)
	}
	c.place, c.path, c.mount, c.hooked = outer, path, mount, hooked
	if c.conf != nil {
		c.conf.table.Find(c.methodBit(), path, &c.Match) // what lies within has put its own match in the place of this one
	}
	switch out {
	case Done:
		err := c.escaped
		c.escaped = nil
		return err
	case Aborted:
		panic(abort{})
	case Suspended:
		return ErrSuspend
	}
	return ErrOffload
}

// resume returns where ch, which is mounted, goes on: at its beginning, or where it was paused.
func (c *Ctx) resume(ch *Chain) paused {
	n := len(c.paused) - 1
	if n < 0 || c.paused[n].chain != ch {
		if len(ch.signals.finished) > 0 {
			c.entered = append(c.entered, ch)
		}
		return paused{place: place{chain: ch}, frame: frame{phase: atStart, limit: everyLayer, enter: true}}
	}
	at := c.paused[n]
	c.paused[n] = paused{}
	c.paused = c.paused[:n]
	return at
}

// Hooked tells whether Response hooks of a mounted application are still to run.
func (c *Ctx) Hooked() bool { return c.hooked }
