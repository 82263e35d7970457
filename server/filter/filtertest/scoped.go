package filtertest

import "testing"

// Scoped calls f with a TB whose clean-ups run when f returns: for a request that is made on a goroutine of the server, where
// the end of the test would come too late.
func Scoped(tb testing.TB, f func(tb testing.TB)) {
	s := &scope{TB: tb}
	defer func() {
		for i := len(s.cleanups) - 1; i >= 0; i-- {
			s.cleanups[i]()
		}
	}()
	f(s)
}

type scope struct {
	testing.TB
	cleanups []func()
}

// Cleanup keeps f for the end of the scope.
func (s *scope) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }
