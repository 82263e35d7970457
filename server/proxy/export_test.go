package proxy

import "time"

// SetPatience sets how long a call waits for another reactor, before the first request.
func (u *Upstream) SetPatience(d time.Duration) { u.patience = d }
