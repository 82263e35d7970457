package ssi

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/wheelpit/wheelpit/pipeline"
)

var (
	errNobody = errors.New("there is nobody to ask in \"include\" SSI command")
	errCycle  = errors.New("subrequests cycle while processing \"include\" SSI command")
	errMany   = errors.New("request reference counter overflow while processing \"include\" SSI command")
)

const (
	pendingMax = 16      // included bodies of a page under way; the next waits for the first
	runningMax = 64      // of all pages of an answer; then they run one after the other
	behindMax  = 1 << 20 // bytes of a page behind a body that is awaited
	totalMax   = 1 << 14 // included bodies of an answer: of pages that include each other twice there are 2^50 (NGINX: 64,535 at a time)
)

// part is a piece of the output that cannot be sent yet: an included body and the text behind it.
type part struct {
	body *inclusion
	text []byte
}

// includeBody begins to make an included body. It goes on by itself when it has to wait; wait awaits its end.
func (m *machine) includeBody(path, args string, stub *block, wait bool) error {
	switch {
	case m.f.cfg.Start == nil:
		return errNobody
	case m.depth+m.c.Depth() >= maxDepth:
		return errCycle
	case m.total.Add(1) > totalMax:
		return errMany
	}
	i := newInclusion(stub, m.errmsg)
	run, err := m.f.cfg.Start(m.c, path, args, i, i.waits)
	if err != nil {
		return err
	}
	m.flush()
	m.queue = append(m.queue, part{body: i})
	running := m.running.Add(1)
	go func() {
		status, err := run()
		m.running.Add(-1)
		i.end(status, err)
	}()
	i.turn()
	m.drain(wait || running > runningMax || len(m.queue) > pendingMax)
	return nil
}

// drain sends what is decided of the queue, in order; all awaits the rest.
func (m *machine) drain(all bool) {
	if all && len(m.queue) > 0 && m.f.cfg.Waits != nil {
		m.f.cfg.Waits(m.c)
	}
	for len(m.queue) > 0 && m.err == nil && m.join(m.queue[0].body, all) {
		m.send(m.queue[0].text)
		m.behind -= len(m.queue[0].text)
		m.queue = m.queue[1:]
	}
	if m.err != nil {
		m.Abandon()
	}
}

// Abandon ends the subrequests, whose bodies nobody will see.
func (m *machine) Abandon() {
	for _, p := range m.queue {
		p.body.drop()
	}
	m.queue = nil
}

// join sends what has come of an included body, and tells whether that was all; wait awaits the rest. One that breaks off does so
// with the body it is in.
func (m *machine) join(i *inclusion, wait bool) bool {
	if i.stub != nil && !i.begun {
		if !i.settled(wait) {
			return false
		}
		if i.failed() {
			m.show(i.stub)
			return true
		}
	}
	for m.err == nil {
		b, ended := i.take(wait)
		if ended {
			m.joined(i)
			return true
		}
		if len(b) == 0 {
			return false
		}
		i.begun = true
		m.send(b)
	}
	return false
}

// joined looks at the end of an included body.
func (m *machine) joined(i *inclusion) {
	switch {
	case i.err == nil:
	case i.begun:
		m.err = i.err
	default:
		m.log(i.err.Error())
		if !m.f.cfg.SilentErrors {
			m.send([]byte(i.errmsg))
		}
	}
}

// show runs a block in the place of an included body.
func (m *machine) show(stub *block) {
	inner := newMachine(m.f, m.c, m.wire)
	inner.depth = m.depth + 1
	inner.feed(stub.body)
	m.err = inner.Close()
}

// send sends text.
func (m *machine) send(b []byte) {
	if len(b) > 0 && m.err == nil {
		_, m.err = m.wire.Write(b)
	}
}

// flush sends the text gathered, or puts it behind the included body that is awaited.
func (m *machine) flush() {
	if last := len(m.queue) - 1; last >= 0 {
		m.queue[last].text = append(m.queue[last].text, m.out...)
		m.behind += len(m.out)
	} else {
		m.send(m.out)
	}
	m.out = m.out[:0]
}

// includeSet makes a variable of what a subrequest answers; it is empty when that is no success. An answer that is too large for
// one ends the page, as in NGINX.
func (m *machine) includeSet(path, args, name string) error {
	switch {
	case m.f.cfg.Subrequest == nil:
		return errNobody
	case m.depth+m.c.Depth() >= maxDepth:
		return errCycle
	case m.total.Add(1) > totalMax:
		return errMany
	}
	if _, found := m.lookup(name); !found {
		m.set(name, "")
	}
	var body bytes.Buffer
	status, err := m.f.cfg.Subrequest(m.c, path, args, &body)
	if err != nil {
		m.err = fmt.Errorf("ssi: %w", err)
		return nil
	}
	if status < 300 {
		m.set(name, body.String())
	}
	return nil
}

var _ pipeline.Abandoner = (*machine)(nil)
