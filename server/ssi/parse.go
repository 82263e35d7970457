package ssi

import (
	"bytes"
	"io"

	"github.com/wheelpit/wheelpit/pipeline"
)

// state is where in a command the parser is.
type state uint8

const (
	inText      state = iota
	inMark            // matched bytes of "<!--#" were seen
	preCommand        // behind "<!--#"
	inCommand         // its name
	preParam          // spaces before a parameter or the end
	inParam           // the name of a parameter
	preEqual          // spaces behind it
	preValue          // spaces behind "="
	inValue           // within quotes
	inEscape          // behind a backslash within quotes
	postParam         // behind the closing quote
	inEnd             // behind the first "-" of "-->"
	inEnd2            // behind the second
	inError           // the command is passed over up to "-->"
	inErrorEnd        // behind a "-" of it
	inErrorEnd2       // behind the second
)

const (
	mark      = "<!--#"
	nameMax   = 32 // bytes of the name of a command or parameter
	paramsMax = 16
)

// param is a parameter of a command.
type param struct{ name, value []byte }

// machine is the filter of one body: a parser, and the state of the commands.
type machine struct {
	f    *Filter
	c    *pipeline.Ctx
	wire io.Writer
	out  []byte // text that is not on the wire yet
	err  error  // of the wire, or of a body that broke off

	queue  []part // output behind included bodies that are awaited
	behind int    // bytes of text in it
	depth  int    // of blocks within blocks

	state   state
	matched int // bytes of mark
	quote   byte
	command []byte
	params  []param
	many    bool // more than paramsMax

	*shared
	silent   bool // text is not for the client
	chosen   bool // a branch of the if was taken
	inIf     condition
	inBlock  bool
	block    *block // where inBlock
	encoding string
	errmsg   string
	timefmt  string
}

func newMachine(f *Filter, c *pipeline.Ctx, wire io.Writer) *machine {
	return &machine{f: f, c: c, wire: wire, shared: share(c), encoding: "entity", timefmt: defaultTime,
		errmsg: "[an error occurred while processing the directive]"}
}

// Write takes a piece of the body.
func (m *machine) Write(p []byte) (int, error) {
	m.feed(p)
	m.flush()
	m.drain(m.behind > behindMax)
	if m.err != nil {
		return 0, m.err
	}
	return len(p), nil
}

// Flush passes on what has come of included bodies: Write does the rest at once.
func (m *machine) Flush() error {
	m.drain(false)
	return m.err
}

// Close passes on what only looked like the beginning of a command. A command without an end is dropped, as in NGINX.
func (m *machine) Close() error {
	if m.state == inMark {
		m.text([]byte(mark[:m.matched]))
	}
	m.flush()
	m.drain(true)
	return m.err
}

// text takes a piece of the body that is no command: for the client, for a block, or for nobody.
func (m *machine) text(b []byte) {
	switch {
	case !m.silent:
		m.out = append(m.out, b...)
	case m.inBlock:
		if len(m.block.body)+len(b) <= maxBlock {
			m.block.body = append(m.block.body, b...)
		}
	}
}

// feed runs through b. Text is looked through for the next "<" at once.
func (m *machine) feed(b []byte) {
	for len(b) > 0 && m.err == nil {
		if m.state == inText {
			i := bytes.IndexByte(b, '<')
			if i < 0 {
				m.text(b)
				return
			}
			m.text(b[:i])
			m.state, m.matched, b = inMark, 1, b[i+1:]
			continue
		}
		m.step(b[0])
		b = b[1:]
	}
}

// step takes a byte that is no text for sure.
func (m *machine) step(ch byte) {
	switch m.state {
	case inMark:
		m.stepMark(ch)
	case preCommand, inCommand:
		m.stepCommand(ch)
	case preParam, inParam, preEqual, preValue:
		m.stepParam(ch)
	case inValue, inEscape, postParam:
		m.stepValue(ch)
	default:
		m.stepEnd(ch)
	}
}

// stepMark takes a byte behind a part of "<!--#".
func (m *machine) stepMark(ch byte) {
	if ch == mark[m.matched] {
		if m.matched++; m.matched == len(mark) {
			m.state, m.command, m.params, m.many = preCommand, m.command[:0], m.params[:0], false
		}
		return
	}
	m.text([]byte(mark[:m.matched]))
	if ch == '<' {
		m.matched = 1
		return
	}
	m.state = inText
	m.text([]byte{ch})
}

func isSpace(ch byte) bool { return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n' }

// stepCommand takes a byte of the name of a command, or before it.
func (m *machine) stepCommand(ch byte) {
	switch {
	case m.state == preCommand && isSpace(ch):
	case m.state == preCommand:
		m.command, m.state = append(m.command, ch), inCommand
	case isSpace(ch):
		m.state = preParam
	case ch == '-':
		m.state = inEnd
	case len(m.command) == nameMax:
		m.damaged("the \"" + string(m.command) + string(ch) + "...\" SSI command is too long")
	default:
		m.command = append(m.command, ch)
	}
}

// stepParam takes a byte of the name of a parameter, or up to its value.
func (m *machine) stepParam(ch byte) {
	switch {
	case m.state != inParam && isSpace(ch):
	case m.state == preParam && ch == '-':
		m.state = inEnd
	case m.state == preParam:
		m.addParam(ch)
	case m.state == inParam && isSpace(ch):
		m.state = preEqual
	case m.state != preValue && ch == '=':
		m.state = preValue
	case m.state == preValue && (ch == '"' || ch == '\''):
		m.state, m.quote = inValue, ch
	case m.state == inParam && ch != '-':
		p := m.param()
		if len(p.name) == nameMax {
			m.damaged("too long \"" + string(p.name) + string(ch) + "...\" parameter in \"" + string(m.command) + "\" SSI command")
			return
		}
		p.name = append(p.name, ch)
	default:
		m.damaged("unexpected \"" + string(ch) + "\" symbol at \"" + string(m.param().name) + "\" parameter in \"" + string(m.command) + "\" SSI command")
		if ch == '-' {
			m.state = inErrorEnd
		}
	}
}

// addParam begins a parameter, in the memory of one of an earlier command.
func (m *machine) addParam(ch byte) {
	m.state = inParam
	switch {
	case len(m.params) == paramsMax: // the last is written over: the command fails anyway
		m.many = true
	case len(m.params) < cap(m.params):
		m.params = m.params[:len(m.params)+1]
	default:
		m.params = append(m.params, param{})
	}
	p := m.param()
	p.name, p.value = append(p.name[:0], ch), p.value[:0]
}

// param is the parameter that is being read.
func (m *machine) param() *param { return &m.params[len(m.params)-1] }

// stepValue takes a byte of a value, or the one behind it. Escapes stay in the value: evaluation needs them.
func (m *machine) stepValue(ch byte) {
	switch {
	case m.state == postParam && isSpace(ch):
		m.state = preParam
		return
	case m.state == postParam && ch == '-':
		m.state = inEnd
		return
	case m.state == postParam:
		m.damaged("unexpected \"" + string(ch) + "\" symbol after a value in \"" + string(m.command) + "\" SSI command")
		return
	case m.state == inValue && ch == m.quote:
		m.state = postParam
		return
	}
	p := m.param()
	if len(p.value) == m.f.cfg.ValueLength {
		m.damaged("too long \"" + string(p.value) + string(ch) + "...\" value of \"" + string(p.name) + "\" parameter in \"" + string(m.command) + "\" SSI command")
		return
	}
	p.value = append(p.value, ch)
	if m.state == inValue && ch == '\\' {
		m.state = inEscape
	} else {
		m.state = inValue
	}
}

// stepEnd takes a byte of "-->", of a command that is to be run or of one that is damaged.
func (m *machine) stepEnd(ch byte) {
	switch {
	case m.state == inEnd && ch == '-':
		m.state = inEnd2
	case m.state == inEnd2 && ch == '>':
		m.state = inText
		m.run()
	case m.state == inEnd, m.state == inEnd2:
		m.damaged("unexpected \"" + string(ch) + "\" symbol in \"" + string(m.command) + "\" SSI command")
	case m.state == inErrorEnd2 && ch == '>':
		m.state = inText
		m.fail()
	case ch == '-' && m.state == inError:
		m.state = inErrorEnd
	case ch == '-' && m.state == inErrorEnd:
		m.state = inErrorEnd2
	default:
		m.state = inError
	}
}

// damaged has the rest of the command passed over.
func (m *machine) damaged(text string) {
	m.log(text)
	m.state = inError
}

func (m *machine) log(text string) {
	if m.f.cfg.Log != nil {
		m.f.cfg.Log(m.c, text)
	}
}

// fail writes the message of an error.
func (m *machine) fail() {
	if !m.f.cfg.SilentErrors {
		m.out = append(m.out, m.errmsg...)
	}
}
