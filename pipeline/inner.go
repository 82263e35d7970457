package pipeline

// What a server needs that runs several applications, one behind another, for the same request.

// Restart forgets the answer and how far a Chain has come, so that the request can be answered anew: an internal
// redirect. The request itself, its body, what hooks kept in c, and the response fields that were set stay, as in NGINX.
func (c *Ctx) Restart() {
	c.res.dropBody()
	c.res.Status, c.res.ContentType, c.res.renderer = 0, "", nil
	c.chain, c.conf, c.chosen, c.target = nil, nil, nil, nil
	c.err, c.escaped = nil, nil
	c.frame, c.viewStep = frame{}, 0
	c.hooked = false
}

// Unready has the response made anew even where it lies ready (see Transport.Plain), because it will be changed.
func (c *Ctx) Unready() { c.hooked = true }

// Keep copies b into the memory of the request: valid until Reset.
func (c *Ctx) Keep(b []byte) string { return c.keep(b) }

// SetErr notes the error that the response is the page of; see Err.
func (c *Ctx) SetErr(err error) { c.err = err }

// IsAbort tells whether a recovered panic is that of Abort.
func IsAbort(v any) bool {
	_, is := v.(abort)
	return is
}

// AsPanicError makes an error of a recovered panic, with the stack of the goroutine.
func AsPanicError(v any) *PanicError { return panicError(v) }
