package pipeline

import "github.com/wheelpit/wheelpit/router"

// Route is one route. It is immutable once the application is compiled.
type Route struct {
	// Name is for reversing; Pattern is as registered.
	Name, Pattern string
	// Methods are the methods it answers, 0 for all; those in the pattern are added.
	Methods router.Methods
	// Inline tells that the handler runs on the reactor.
	Inline bool
	// Handler is the view.
	Handler Handler
	// Defaults are parameters beside those of the pattern.
	Defaults map[string]any
	// Meta carries what middleware wants to know of a route (an exemption, a permission), by key; set at load.
	Meta map[string]any
}
