package upstream

// Learn has the session stick to p, for who knows of it before or after Done: session is the value that create= found, empty for
// one that is only used again. Groups that learn nothing ignore it.
func (g *Group) Learn(r *Request, p *Peer, session []byte, now int64) {
	if g.sessions != nil {
		g.learn(r, p, session, now)
	}
}
