package server

// Sent returns how many bytes of the response body were queued, for an access log of the application.
func (x *exchange) Sent() int64 { return x.sent }
