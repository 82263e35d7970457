package resolver

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// A query is one message to a name server, the same to every one.
type query struct {
	id       uint16
	question dnsmessage.Question
	wire     []byte
	tcp      bool // its answer over UDP was cut
	answered bool
	answer   answer
}

// An answer is what a name server knows.
type answer struct {
	code    Code // 0 is success
	ttl     time.Duration
	addrs   []netip.Addr
	records []record
	ptr     string
	cname   string
}

// A record is an SRV record.
type record struct {
	name             string
	priority, weight uint16
	port             uint16
}

// newQuery returns a query with a random id, or nil when name cannot be one.
func newQuery(name string, kind dnsmessage.Type) *query {
	full, err := dnsmessage.NewName(name + ".")
	if err != nil || name == "" {
		return nil
	}
	q := &query{id: uint16(rand.Uint32()), question: dnsmessage.Question{Name: full, Type: kind, Class: dnsmessage.ClassINET}}
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: q.id, RecursionDesired: true},
		Questions: []dnsmessage.Question{q.question},
	}
	if q.wire, err = m.Pack(); err != nil {
		return nil
	}
	return q
}

// nameOf returns a name in lower case and without the last dot.
func nameOf(n dnsmessage.Name) string {
	return strings.ToLower(strings.TrimSuffix(n.String(), "."))
}

var (
	errShort     = errors.New("short DNS response")
	errQuestions = errors.New("invalid number of questions in DNS response")
)

// maxTTL is the longest that a record can be valid (RFC 2181 section 8).
const maxTTL = (1<<31 - 1) * time.Second

// A response is a message that answers query.
type response struct {
	query   *query
	code    Code
	cut     bool // there is more than the message holds
	records dnsmessage.Parser
}

// match finds the query that a message answers. An error means that the message is none of ours, or none at all: it is as
// if it had not come. The code is set whenever there is one.
func match(message []byte, tcp bool, queries []*query) (m response, err error) {
	h, err := m.records.Start(message)
	if err != nil {
		return m, errShort
	}
	if !h.Response || h.OpCode != 0 || h.Truncated && tcp {
		return m, fmt.Errorf("invalid DNS response %d", h.ID)
	}
	m.code, m.cut = Code(h.RCode), h.Truncated
	if m.code == FormatError || m.code > Refused {
		return m, fmt.Errorf("DNS error (%d: %s), query id:%d", m.code, m.code, h.ID)
	}
	asked, err := m.records.Question()
	if err != nil {
		return m, errQuestions
	}
	if _, err := m.records.Question(); err != dnsmessage.ErrSectionDone {
		return m, errQuestions
	}
	name := nameOf(asked.Name)
	for _, q := range queries {
		if q.answered || asked.Type != q.question.Type || asked.Class != q.question.Class || name != nameOf(q.question.Name) {
			continue
		}
		if h.ID != q.id {
			return m, fmt.Errorf("wrong ident %d in DNS response for %s, expect %d", h.ID, name, q.id)
		}
		m.query = q
		return m, nil
	}
	return m, fmt.Errorf("unexpected DNS response for %s", name)
}

// read takes the records of the answer section, and with that the query is answered, unless they make no sense. As in NGINX
// their owners do not matter, since they follow CNAMEs, and the lowest TTL counts.
func (m *response) read() error {
	got := answer{code: m.code, ttl: maxTTL}
	for m.code == 0 {
		h, err := m.records.AnswerHeader()
		if err == dnsmessage.ErrSectionDone {
			break
		}
		if err != nil {
			return errShort
		}
		if h.Class != dnsmessage.ClassINET {
			return fmt.Errorf("unexpected RR class %d in DNS response", h.Class)
		}
		ttl := time.Duration(h.TTL) * time.Second
		if ttl > maxTTL {
			ttl = 0 // RFC 2181 section 8
		}
		got.ttl = min(got.ttl, ttl)
		if err := got.record(&m.records, h.Type, m.query.question.Type); err != nil {
			return err
		}
	}
	m.query.answer, m.query.answered = got, true
	return nil
}

// record takes one record.
func (a *answer) record(p *dnsmessage.Parser, kind, asked dnsmessage.Type) error {
	var err error
	switch {
	case kind == dnsmessage.TypeCNAME:
		var r dnsmessage.CNAMEResource
		r, err = p.CNAMEResource()
		a.cname = nameOf(r.CNAME)
	case kind == dnsmessage.TypeA && asked == dnsmessage.TypeAAAA, kind == dnsmessage.TypeAAAA && asked == dnsmessage.TypeA:
		return fmt.Errorf("unexpected %s record in DNS response", strings.TrimPrefix(kind.String(), "Type"))
	case kind != asked:
		return skipped(p.SkipAnswer())
	case kind == dnsmessage.TypeA:
		var r dnsmessage.AResource
		r, err = p.AResource()
		a.addrs = append(a.addrs, netip.AddrFrom4(r.A))
	case kind == dnsmessage.TypeAAAA:
		var r dnsmessage.AAAAResource
		r, err = p.AAAAResource()
		a.addrs = append(a.addrs, netip.AddrFrom16(r.AAAA))
	case kind == dnsmessage.TypeSRV:
		var r dnsmessage.SRVResource
		r, err = p.SRVResource()
		a.records = append(a.records, record{nameOf(r.Target), r.Priority, max(r.Weight, 1), r.Port})
	case kind == dnsmessage.TypePTR:
		var r dnsmessage.PTRResource
		r, err = p.PTRResource()
		if a.ptr == "" {
			a.ptr = nameOf(r.PTR)
		}
	}
	return skipped(err)
}

func skipped(err error) error {
	if err != nil {
		return fmt.Errorf("invalid record in DNS response: %w", err)
	}
	return nil
}
