package access

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"log/slog"
	"net/netip"

	"github.com/wheelpit/wheelpit/pipeline"
)

// errForbidden is the refusal of a rule.
var errForbidden error = &pipeline.Error{Status: 403, Message: "access forbidden by rule"}

// ProcessRequest refuses clients with 403.
func (r *Rules) ProcessRequest(c *pipeline.Ctx) error {
	_, err := r.Access(c)
	if err == nil {
		return nil
	}
	if r.log != nil {
		r.log(c, slog.LevelError, "access forbidden by rule")
	}
	return c.Refuse(err)
}

// Access tells whether a rule allows the client, or refuses it with an error of status 403.
func (r *Rules) Access(c *pipeline.Ctx) (allowed bool, err error) {
	if c.IsSubrequest() {
		return false, nil
	}
	switch r.find(c.Client().Addr()) {
	case allow:
		return true, nil
	case deny:
		return false, errForbidden
	}
	return false, nil
}

// find returns what the first matching rule says. The zero Addr is that of a unix socket.
func (r *Rules) find(a netip.Addr) verdict {
	switch {
	case !a.IsValid():
		return r.unix
	case a.Is4():
		return search(r.v4, a)
	case a.Is4In6() && len(r.v4) > 0:
		return search(r.v4, a.Unmap())
	}
	return search(r.v6, a.WithZone(""))
}

func search(rules []rule, a netip.Addr) verdict {
	for i := range rules {
		if !rules[i].prefix.Contains(a) {
			continue
		}
		if rules[i].allow {
			return allow
		}
		return deny
	}
	return none
}
