package proxy

import (
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// accel heeds what the upstream says of its own answer in X-Accel-… fields, unless they are to be ignored.
func (x *call) accel(c *pipeline.Ctx) {
	ignore := x.h.cfg.Ignore
	if !x.msg.Has(http1.FieldOther) {
		return
	}
	if f := x.h.cfg.SetRate; f != nil && ignore&IgnoreAccelLimitRate == 0 {
		if v, ok := x.msg.Lookup(x.msgRaw, "X-Accel-Limit-Rate"); ok {
			if n, err := strconv.ParseInt(string(v.Of(x.msgRaw)), 10, 64); err == nil && n >= 0 {
				f(c, n)
			}
		}
	}
	if f := x.h.cfg.SetCharset; f != nil && ignore&IgnoreAccelCharset == 0 {
		if v, ok := x.msg.Lookup(x.msgRaw, "X-Accel-Charset"); ok {
			f(c, string(v.Of(x.msgRaw)))
		}
	}
}

// accelBuffering heeds X-Accel-Buffering.
func (x *call) accelBuffering() {
	v, ok := x.res.First(http1.XAccelBuffering)
	if !ok || x.h.cfg.Ignore&IgnoreAccelBuffering != 0 {
		return
	}
	switch {
	case strings.EqualFold(view(v.Of(x.raw)), "no"):
		x.unbuffered = true
	case strings.EqualFold(view(v.Of(x.raw)), "yes"):
		x.unbuffered = false
	}
}
