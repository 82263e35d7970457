package server

// Pace has the response that is sent next, up to owe, leave at rate bytes a second behind its first after bytes; see Carrier.
func (x *exchange) Pace(rate, after int64) {
	if x.gone == nil {
		x.conn.Pace(rate, after)
	}
}

// pacing tells whether the response to an earlier request is still on its way at a rate of its own, so that the next one
// has to wait.
func (s *session) pacing() bool {
	if !s.conn.Paced() {
		return false
	}
	s.conn.SendNow()
	return s.conn.Paced()
}
