package front

import (
	"io"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/slice"
	"github.com/wheelpit/wheelpit/server/static"
)

// slice compiles slice, nil when it is 0.
func (b *builder) slice(s *scope) *slice.Filter {
	size := s.number("slice", 0)
	if size <= 0 {
		return nil
	}
	f, err := slice.New(slice.Config{Size: size, Fetch: fetchSlice})
	b.check(s.one("slice"), err)
	return f
}

// joiner joins slices, and then heeds the conditions of the request: they are for the whole.
type joiner struct {
	filter *slice.Filter
	stored static.Stored
}

// ProcessResponse joins the slices; slices that do not belong together close the connection, as in NGINX.
func (j *joiner) ProcessResponse(c *pipeline.Ctx) error {
	sliced := c.Res().Status == 206
	if err := j.filter.ProcessResponse(c); err != nil {
		if _, ok := err.(*pipeline.Error); ok {
			return err
		}
		requestOf(c).Log("error", err.Error())
		return errAborted
	}
	if r := requestOf(c); !sliced || r.sub || !proxy.Cacheable(c) {
		return nil
	}
	st := j.stored
	st.ETag, st.Modified = c.ResponseHeader("ETag"), -1
	if at, ok := http1.ParseDate([]byte(c.ResponseHeader("Last-Modified"))); ok {
		st.Modified = at
	}
	_, err := st.Condition(c)
	return err
}

// fetchSlice asks for another slice of what c asked for: see slice.Fetch. The subrequest is answered by the location that
// answers c, without looking for another one.
func fetchSlice(c *pipeline.Ctx, byteRange string, head func(slice.Head) error, w io.Writer) error {
	r := requestOf(c)
	app := &sliced{main: r, byteRange: byteRange, head: head}
	err := c.Subrequest(pipeline.Subrequest{Path: c.Path(), Query: r.args(), To: w, App: app}, nil)
	if app.err != nil {
		return app.err
	}
	if g := r.loc.gate; err == nil && g != nil {
		g.h.Settle(c, sliceSettles)
	}
	return err
}

// sliceSettles bounds how long the next slice, or the end of the answer, waits until the ones before it are written: a download that is
// faster than the disk would else lose slices, as there is no room for them to wait. NGINX writes before it goes on.
const sliceSettles = 5 * time.Second

// sliced answers the subrequest for a slice; it is its application.
type sliced struct {
	main      *request
	byteRange string
	head      func(slice.Head) error
	err       error // what head said
}

// Run takes the subrequest through the content phase of the location of its main request.
func (s *sliced) Run(c *pipeline.Ctx) pipeline.Outcome {
	r := subRequestOf(c)
	if r.rt == nil {
		slice.SetRange(c, s.byteRange)
		r.beginSub(s.main.rt, s.main.srv)
		r.enter(s.main.loc)
		r.phase = atContent
	}
	outcome := s.main.rt.Run(c)
	if outcome == pipeline.Done {
		head := slice.Head{Status: c.Res().Status, ETag: c.ResponseHeader("ETag"), ContentRange: c.ResponseHeader("Content-Range")}
		if s.err = s.head(head); s.err != nil {
			return pipeline.Aborted
		}
	}
	return outcome
}
