package pipeline

import "reflect"

// Unfit returns a Handler that stands for one that could not be made, because of err: for packages whose constructors
// return a Handler alone, to be written right into the line that registers it. Should it ever run, it returns err.
//
//go:noinline
func Unfit(err error) Handler { return func(*Ctx) error { return err } }

// unfit is the code of what Unfit returns, the same for all of them because Unfit is not inlined.
var unfit = reflect.ValueOf(Unfit(nil)).Pointer()

// Fault returns the error that h was made with by Unfit, nil for every other Handler. Whoever wraps a Handler at load
// returns a faulty one as it is, so that the error is not hidden in the wrapping.
func (h Handler) Fault() error {
	if h == nil || reflect.ValueOf(h).Pointer() != unfit {
		return nil
	}
	return h(nil)
}
