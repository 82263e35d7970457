package pipeline

import "time"

// Wait holds the request back for d, for a hook that slows clients down. It needs a worker, which it keeps. When the client
// leaves meanwhile, the deadline passes or the server goes, the error has status 499, as NGINX logs it.
func (c *Ctx) Wait(d time.Duration) error {
	if !c.worker {
		return ErrNeedsWorker
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-c.Context().Done():
		return &Error{Status: 499, Err: c.Context().Err()}
	}
}
