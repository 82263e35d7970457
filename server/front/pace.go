package front

import "github.com/wheelpit/wheelpit/server/conf"

// rates are limit_rate and limit_rate_after of a location: sizes, perhaps with variables; nil without a limit.
type rates struct{ rate, after value }

// rates compiles limit_rate and limit_rate_after.
func (b *builder) rates(s *scope) *rates {
	rate, after := s.one("limit_rate"), s.one("limit_rate_after")
	if rate == nil && after == nil {
		return nil
	}
	l := new(rates)
	if rate != nil {
		l.rate = b.value(rate, rate.Args[0])
	}
	if after != nil {
		l.after = b.value(after, after.Args[0])
	}
	return l
}

// size evaluates a value that is a size in bytes; what is none, or empty, is 0.
func (r *request) size(v *value) int64 {
	text := v.text
	if v.run != nil { // not in r.buf, which the line of a log may be growing in
		text = string(v.run(r.c, nil))
	}
	n, _ := conf.ParseSize(text)
	return n
}

// pace has the response leave at the rate that the location or $limit_rate gives. The one of the variable wins.
func (r *request) pace() {
	l := r.loc.rates
	if r.sub || l == nil && !r.rateSet {
		return
	}
	var after int64
	if l != nil {
		after = r.size(&l.after)
	}
	if l != nil && !r.rateSet {
		r.limitRate = r.size(&l.rate)
	}
	if r.limitRate > 0 {
		r.carrier.Pace(r.limitRate, after)
	}
}

// LimitRate is the rate of the response in bytes a second, 0 for none; see script.Env. That of the location is known when the
// response begins to leave, as in NGINX.
func (r *request) LimitRate() int64 { return r.limitRate }

// SetLimitRate changes the rate: set $limit_rate.
func (r *request) SetLimitRate(n int64) { r.limitRate, r.rateSet = n, true }
