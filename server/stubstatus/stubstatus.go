// Package stubstatus shows how many connections and requests there are: NGINX's stub_status.
package stubstatus

import (
	"errors"
	"strconv"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Counts is what a server counts. Accepted, Handled and Requests only grow; Active is the sum of Reading (a head is read),
// Writing (a request is in progress) and Waiting (kept alive between two requests).
type Counts struct {
	Accepted, Handled, Requests       uint64
	Active, Reading, Writing, Waiting uint64
}

// Status is the handler of a location with stub_status.
type Status struct{ counts func() Counts }

var errMethod error = &pipeline.Error{Status: 405, Allow: "GET, HEAD"}

// New returns a Status that shows what counts returns. counts is called on reactors and must not block.
func New(counts func() Counts) (*Status, error) {
	if counts == nil {
		return nil, errors.New("stubstatus: nobody counts")
	}
	return &Status{counts}, nil
}

// Handle answers GET and HEAD with NGINX's four lines. It may run inline.
func (s *Status) Handle(c *pipeline.Ctx) error {
	if m := c.Head.Method; m != http1.MethodGet && m != http1.MethodHead {
		return errMethod
	}
	n := s.counts()
	b := make([]byte, 0, 256)
	b = number(append(b, "Active connections: "...), n.Active)
	b = append(b, " \nserver accepts handled requests\n "...)
	b = append(number(b, n.Accepted), ' ')
	b = append(number(b, n.Handled), ' ')
	b = append(number(b, n.Requests), " \nReading: "...)
	b = append(number(b, n.Reading), " Writing: "...)
	b = append(number(b, n.Writing), " Waiting: "...)
	b = append(number(b, n.Waiting), " \n"...)
	return c.Bytes(200, "text/plain", b)
}

// AppendVariable appends one of the variables connections_active, connections_reading, connections_writing and
// connections_waiting; false means that there is no such variable.
func (s *Status) AppendVariable(name string, dst []byte) ([]byte, bool) {
	n := s.counts()
	switch name {
	case "connections_active":
		return number(dst, n.Active), true
	case "connections_reading":
		return number(dst, n.Reading), true
	case "connections_writing":
		return number(dst, n.Writing), true
	case "connections_waiting":
		return number(dst, n.Waiting), true
	}
	return dst, false
}

func number(b []byte, n uint64) []byte { return strconv.AppendUint(b, n, 10) }
