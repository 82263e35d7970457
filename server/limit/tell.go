package limit

import (
	"fmt"
	"time"

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

// waitKey is where a request on its way to a worker keeps when its wait is over.
type waitKey struct{}

// wait holds the request back, on a worker.
func wait(c, main *pipeline.Ctx, d time.Duration) error {
	if c.OnWorker() {
		return c.Wait(d)
	}
	main.Set(waitKey{}, time.Now().Add(d))
	return pipeline.ErrOffload
}

// goOn waits for what is left, once, when a request that is delayed comes again.
func goOn(c, main *pipeline.Ctx) error {
	until, ok := main.Get(waitKey{}).(time.Time)
	if !ok {
		return nil
	}
	if !c.OnWorker() {
		return pipeline.ErrOffload
	}
	main.Set(waitKey{}, nil)
	return c.Wait(time.Until(until))
}
