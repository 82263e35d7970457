package bench

import (
	"strings"

	"github.com/wheelpit/wheelpit/bench/load"
	"github.com/wheelpit/wheelpit/bench/report"
	"github.com/wheelpit/wheelpit/bench/rival"
)

// Scenario is one kind of work. A new row of the table in scenarios.go is all it takes to add one.
type Scenario struct {
	ID, Title string

	Path        string       // requested on every connection
	Tree        treeOrder    // instead of Path: the files of the tree
	Fields      []load.Field // header lines; the value "{etag}" stands for the server's own ETag of Path
	Connections int
	Depth       int     // requests sent at once, default 1
	Close       bool    // one request per connection
	Rate        float64 // requests per second of an open loop; 0 is a closed loop
	Busy        float64 // instead of Rate: how busy the baseline's CPU is to be, of 1; the rate for that is measured first
	Idle        bool    // no load: the memory of idle connections

	Status int
	Want   content // of every answer

	Needs   rival.Feature // what a server must have to play
	Against string        // the target's own path to compare with; empty: compare with nginx
	Budget  report.Budget
}

// treeOrder is in which order the files of the tree are requested.
type treeOrder int

const (
	noTree  treeOrder = iota
	uniform           // every file once, in random order
	zipf              // a few files often, most of them seldom
)

// content is what an answer must hold: the fixed text, or a section of a file. The zero value accepts anything: error
// pages differ from server to server.
type content struct {
	text string
	file string // below the root
	from int64
	size int64
}

func fixedText() content {
	return content{text: rival.FixedAnswer, size: int64(len(rival.FixedAnswer))}
}

func wholeFile(f file) content { return content{file: f.name, size: f.size} }

func fileRange(f file, from, size int64) content {
	return content{file: f.name, from: from, size: size}
}

// length is the expected length of the content, for the load generator.
func (c content) length(status int) int64 {
	if c == (content{}) && status != 304 {
		return load.AnyLength
	}
	return c.size
}

// baselineName is the row that the ratios of the scenario refer to.
func (s *Scenario) baselineName() string {
	if s.Against != "" {
		return rival.TargetName + " " + s.Against
	}
	return "nginx"
}

// wantsETag tells whether a request carries the server's own ETag.
func (s *Scenario) wantsETag() bool {
	for _, f := range s.Fields {
		if strings.Contains(f.Value, etagMark) {
			return true
		}
	}
	return false
}

const etagMark = "{etag}"
