package bench

import (
	"context"

	"github.com/wheelpit/wheelpit/bench/rival"
)

// startBackends starts what requests are passed on to, once for all scenarios.
func (r *runner) startBackends(ctx context.Context) error {
	if r.backends != nil {
		return nil
	}
	var works [2]string
	for i := range works {
		dir, err := r.site.work()
		if err != nil {
			return err
		}
		works[i] = dir
	}
	for _, f := range []file{file10K, file100K} {
		if err := r.site.fill(f); err != nil {
			return err
		}
	}
	b, err := rival.StartBackends(ctx, r.opts.Self, r.site.root, works, r.opts.LoadCPU)
	if err != nil {
		return err
	}
	r.backends = b
	return nil
}

// stopBackends ends them.
func (r *runner) stopBackends() {
	if r.backends != nil {
		r.backends.Stop()
	}
}
