package pipeline

import "github.com/wheelpit/wheelpit/router"

// Route is one compiled route. It is immutable once the application is compiled.
type Route struct {
	// ID is its index in Chain.Routes, the integer that the router returns.
	ID int
	// Name is for reversing; Pattern is as registered.
	Name, Pattern string
	// Methods are the methods it answers, 0 for all.
	Methods router.Methods
	// Inline tells that the handler runs on the reactor.
	Inline bool
	// Handler is the view.
	Handler Handler
	// Meta carries what middleware wants to know of a route (an exemption, a permission), by key; set at load.
	Meta map[string]any
}
