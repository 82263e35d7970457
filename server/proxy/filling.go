package proxy

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Caching says how answers are kept.
type Caching struct{}

// filling is the part of a call that a cache takes.
type filling struct{}

func (f *filling) on() bool                                 { return false }
func (f *filling) reset()                                   {}
func (f *filling) abort()                                   {}
func (f *filling) write([]byte)                             {}
func (f *filling) end(error)                                {}
func (f *filling) begin(*call, *pipeline.Ctx)               {}
func (f *filling) serve(*call, *pipeline.Ctx) (bool, error) { return false, nil }
func (f *filling) skips(http1.FieldID) bool                 { return false }
func (f *filling) appendFields(b []byte) []byte             { return b }
func (f *filling) headToGet() bool                          { return false }
func (x *call) serveStale(Condition) bool                   { return false }
func (x *call) keepsFilling() bool                          { return false }
