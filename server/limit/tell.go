package limit

import (
	"fmt"

	"github.com/wheelpit/wheelpit/pipeline"
)

// tell writes NGINX's message about a request that is delayed or refused. For a zone without room it has none that names the
// request.
func (r *Req) tell(c *pipeline.Ctx, v *verdict) {
	if r.log == nil || v.full {
		return
	}
	mark := ""
	if r.dryRun {
		mark = ", dry run"
	}
	excess := fmt.Sprintf("%d.%03d", v.excess/1000, v.excess%1000)
	if v.status == Delayed || v.status == DelayedDryRun {
		r.log.say(c, r.delay, "delaying request"+mark+", excess: "+excess+`, by zone "`+v.zone.Name+`"`)
		return
	}
	r.log.say(c, r.level, "limiting requests"+mark+", excess: "+excess+` by zone "`+v.zone.Name+`"`)
}
