package server

import "github.com/wheelpit/wheelpit/loop"

var _ Switcher = (*exchange)(nil)

// Switch has the connection handed to s; see Switcher.
func (x *exchange) Switch(s Switched) bool {
	x.joinReader()
	if x.left != 0 || x.gone != nil {
		return false
	}
	x.switched = s
	return true
}

// switchOver sends the head of a 101 and gives the connection away. The access log is told when it is closed, since that is
// when the request is over, and nothing else of the request is kept meanwhile.
func (s *session) switchOver() {
	x := s.x
	res := x.ctx.Res()
	b := x.rt.appendStatusLine(x.conn.Reserve(headRoom(res)), 101)
	b = x.appendServerAndDate(b, res)
	b = append(b, "Connection: upgrade\r\n"...)
	for i := range res.Fields() {
		f := &res.Fields()[i]
		b = append(append(append(append(b, f.Name...), ": "...), f.Value...), "\r\n"...)
	}
	b = append(b, "\r\n"...)
	x.sentHead = int64(len(b))
	x.conn.Local() // the log may ask when it is closed
	x.conn.Commit(b)
	x.conn.EndPace()
	to := x.switched
	x.switched, x.waiter = nil, nil
	s.phase, s.ending = atHead, false
	c := s.conn
	c.WatchHangup(false)
	c.Speak(to.Switched(c, func(sent int64) { s.endSwitched(x, sent) }))
	c.Resume()
}

// endSwitched ends the request of a connection that spoke another protocol, and those before it whose responses were still on
// their way: of what left since, the session has not heard.
func (s *session) endSwitched(x *exchange, sent int64) {
	for s.unsent != nil {
		s.settleFirst()
	}
	if s.x == x {
		s.x = nil
		x.sent = sent
		x.owe(101, "")
		x.tell()
		if x.onWorker && x.ctx.Closes() {
			x.closeElsewhere()
			return
		}
		x.release()
	}
}

var _ loop.Protocol = (*session)(nil)
