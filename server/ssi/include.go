package ssi

import (
	"errors"
	"fmt"
	"io"
)

var (
	errNobody = errors.New("there is nobody to ask in \"include\" SSI command")
	errCycle  = errors.New("subrequests cycle while processing \"include\" SSI command")
	errLarge  = errors.New("too large body in \"include\" SSI command")
)

// ask makes a subrequest.
func (m *machine) ask(path, args string, w io.Writer) (status int, err error) {
	switch {
	case m.f.cfg.Subrequest == nil:
		return 0, errNobody
	case m.depth >= maxDepth:
		return 0, errCycle
	}
	m.depth++
	status, err = m.f.cfg.Subrequest(m.c, path, args, w)
	m.depth--
	return status, err
}

// includeBody writes what a subrequest answers. One that breaks off does so with the body it is in.
func (m *machine) includeBody(path, args string) error {
	m.flush()
	w := &sink{m: m}
	if _, err := m.ask(path, args, w); err != nil {
		if !w.begun {
			return err
		}
		if m.err == nil {
			m.err = err
		}
	}
	return nil
}

// sink is the output of a machine for a subrequest.
type sink struct {
	m     *machine
	begun bool
}

// Write passes p on.
func (s *sink) Write(p []byte) (int, error) {
	if len(p) > 0 {
		s.begun = true
	}
	if s.m.err != nil {
		return 0, s.m.err
	}
	n, err := s.m.wire.Write(p)
	s.m.err = err
	return n, err
}

// limited is a body that must not become too large.
type limited struct{ memory }

// Write appends p.
func (l *limited) Write(p []byte) (int, error) {
	if len(l.memory)+len(p) > maxBlock {
		return 0, errLarge
	}
	return l.memory.Write(p)
}

// includeSet makes a variable of what a subrequest answers; it is empty when that is no success.
func (m *machine) includeSet(path, args, name string) error {
	if _, found := m.lookup(name); !found {
		m.set(name, "")
	}
	var body limited
	status, err := m.ask(path, args, &body)
	if err != nil {
		return err
	}
	if status < 300 {
		m.set(name, string(body.memory))
	}
	return nil
}

// includeStub writes what a subrequest answers, and a block in its place when that is empty or no success.
func (m *machine) includeStub(path, args, stub string) error {
	at := -1
	for i := range m.blocks {
		if m.blocks[i].name == stub {
			at = i
			break
		}
	}
	if at < 0 {
		return fmt.Errorf("\"stub\"=%q for \"include\" not found", stub)
	}
	w := &held{sink: sink{m: m}}
	status, err := m.ask(path, args, w)
	switch {
	case w.begun:
		if err != nil && m.err == nil {
			m.err = err
		}
		return nil
	case err == nil && status < 300 && len(w.body) > 0:
		m.out = append(m.out, w.body...)
		return nil
	}
	if m.depth >= maxDepth {
		return errCycle
	}
	m.flush()
	m.depth++
	inner := newMachine(m.f, m.c, m.wire)
	inner.feed(m.blocks[at].body)
	m.err = inner.Close()
	m.depth--
	return nil
}

// held is a sink that waits with the first heldMax bytes, until the status is known. An answer that is longer is one.
type held struct {
	sink
	body memory
}

const heldMax = 64 << 10

// Write passes p on, or keeps it.
func (h *held) Write(p []byte) (int, error) {
	if !h.begun && len(h.body)+len(p) <= heldMax {
		return h.body.Write(p)
	}
	if !h.begun {
		h.m.flush()
		if _, err := h.sink.Write(h.body); err != nil {
			return 0, err
		}
		h.begun = true
	}
	return h.sink.Write(p)
}
