package ssi

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/server/filter"
)

// condition is where between if and endif the body is; a command of a branch wants at most that.
type condition uint8

const (
	none   condition = iota
	branch           // behind if or elif
	last             // behind else
)

// command is a row of the table of commands.
type command struct {
	name   string
	params []parameter
	within condition // the command needs an if, that has got no further
	block  bool      // it runs in a block, where all others are text
	run    func(m *machine, values []*param) error
}

// parameter is one that a command takes.
type parameter struct {
	name      string
	mandatory bool
}

// commands are all commands. run gets the parameters in the order of params, nil for those that are absent.
var commands []command

func init() { // because the commands lead back to the table
	commands = []command{
		{"include", []parameter{{"virtual", false}, {"file", false}, {"wait", false}, {"set", false}, {"stub", false}}, none, false, (*machine).include},
		{"echo", []parameter{{"var", true}, {"default", false}, {"encoding", false}}, none, false, (*machine).echo},
		{"config", []parameter{{"errmsg", false}, {"timefmt", false}}, none, false, (*machine).config},
		{"set", []parameter{{"var", true}, {"value", true}}, none, false, (*machine).setVariable},
		{"if", []parameter{{"expr", true}}, none, false, (*machine).ifCommand},
		{"elif", []parameter{{"expr", true}}, branch, false, (*machine).condition},
		{"else", nil, branch, false, (*machine).elseCommand},
		{"endif", nil, last, false, (*machine).endif},
		{"block", []parameter{{"name", true}}, none, false, (*machine).blockCommand},
		{"endblock", nil, none, true, (*machine).endblock},
	}
}

// run executes the command that has been read.
func (m *machine) run() {
	var cmd *command
	for i := range commands {
		if commands[i].name == string(m.command) {
			cmd = &commands[i]
		}
	}
	switch {
	case cmd == nil && m.silent:
		return
	case cmd == nil:
		m.refuse(fmt.Errorf("invalid SSI command: %q", m.command))
		return
	case m.silent && !cmd.block && m.inBlock:
		m.text(m.appendCommand(nil))
		return
	case m.silent && !cmd.block && cmd.within == none:
		return
	case cmd.within != none && (m.inIf == none || m.inIf > cmd.within):
		m.refuse(fmt.Errorf("invalid context of SSI command: %q", m.command))
		return
	}
	values, err := m.values(cmd)
	if err == nil {
		err = cmd.run(m, values)
	}
	if err != nil {
		m.refuse(err)
	}
}

func (m *machine) refuse(err error) {
	m.log(err.Error())
	m.fail()
}

// appendCommand appends the command that has been read as text.
func (m *machine) appendCommand(b []byte) []byte {
	b = append(append(b, mark...), m.command...)
	for i := range m.params {
		p := &m.params[i]
		b = append(append(append(append(append(b, ' '), p.name...), `="`...), p.value...), '"')
	}
	return append(b, " -->"...)
}

// values puts the parameters into the order of the command.
func (m *machine) values(cmd *command) ([]*param, error) {
	if m.many {
		return nil, fmt.Errorf("too many SSI command parameters: %q", m.command)
	}
	values := make([]*param, len(cmd.params))
	for i := range m.params {
		p, known := &m.params[i], false
		for k := range cmd.params {
			if cmd.params[k].name != string(p.name) {
				continue
			}
			if known = true; values[k] != nil {
				return nil, fmt.Errorf("duplicate %q parameter in %q SSI command", p.name, m.command)
			}
			values[k] = p
		}
		if !known {
			return nil, fmt.Errorf("invalid parameter name: %q in %q SSI command", p.name, m.command)
		}
	}
	for k := range cmd.params {
		if cmd.params[k].mandatory && values[k] == nil {
			return nil, fmt.Errorf("mandatory %q parameter is absent in %q SSI command", cmd.params[k].name, m.command)
		}
	}
	return values, nil
}

// echo writes a variable.
func (m *machine) echo(v []*param) error {
	value, found := m.variable(strings.ToLower(string(v[0].value)))
	if !found {
		value = "(none)"
		if v[1] != nil {
			value = string(v[1].value)
		}
	}
	if value == "" {
		return nil
	}
	if v[2] != nil {
		switch enc := string(v[2].value); enc {
		case "none", "url", "entity":
			m.encoding = enc
		default:
			m.log(fmt.Sprintf("unknown encoding %q in the \"echo\" command", enc))
		}
	}
	switch m.encoding {
	case "url":
		m.out = appendURL(m.out, value)
	case "entity":
		m.out = appendEntities(m.out, value)
	default:
		m.out = append(m.out, value...)
	}
	return nil
}

// config sets the message of errors and the format of dates.
func (m *machine) config(v []*param) error {
	if v[0] != nil {
		m.errmsg = string(v[0].value)
	}
	if v[1] != nil {
		m.timefmt = string(v[1].value)
	}
	return nil
}

// setVariable sets a variable.
func (m *machine) setVariable(v []*param) error {
	value, err := m.evaluate(v[1].value, false)
	if err != nil {
		return err
	}
	m.set(strings.ToLower(string(v[0].value)), value)
	return nil
}

// ifCommand begins an if.
func (m *machine) ifCommand(v []*param) error {
	if m.inIf != none {
		return errors.New("the \"if\" command inside the \"if\" command")
	}
	return m.condition(v)
}

// condition takes a branch or not. One was taken before: then it does not look.
func (m *machine) condition(v []*param) error {
	if m.chosen {
		m.silent = true
		return nil
	}
	holds, err := m.expression(v[0].value)
	if err != nil {
		return err
	}
	m.silent, m.chosen, m.inIf = !holds, holds, branch
	return nil
}

// elseCommand takes the last branch if none was taken.
func (m *machine) elseCommand([]*param) error {
	m.silent, m.inIf = m.chosen, last
	return nil
}

// endif ends an if.
func (m *machine) endif([]*param) error {
	m.silent, m.chosen, m.inIf = false, false, none
	return nil
}

// blockCommand begins a block.
func (m *machine) blockCommand(v []*param) error {
	m.block = &block{name: string(v[0].value)}
	m.silent, m.inBlock = true, true
	return nil
}

// endblock ends a block.
func (m *machine) endblock([]*param) error {
	if m.inBlock {
		m.keep(m.block)
	}
	m.silent, m.inBlock = false, false
	return nil
}

// include writes the body of another location, or makes a variable of it.
func (m *machine) include(v []*param) error {
	virtual, file, wait, set, stub := v[0], v[1], v[2], v[3], v[4]
	switch {
	case virtual != nil && file != nil:
		return fmt.Errorf("inclusion may be either virtual=%q or file=%q", virtual.value, file.value)
	case virtual == nil && file == nil:
		return errors.New("no parameter in \"include\" SSI command")
	case set != nil && stub != nil:
		return errors.New("\"set\" and \"stub\" cannot be used together in \"include\" SSI command")
	case wait != nil && virtual == nil:
		return fmt.Errorf("\"wait\" cannot be used with file=%q", file.value)
	case wait != nil && !strings.EqualFold(string(wait.value), "yes") && !strings.EqualFold(string(wait.value), "no"):
		return fmt.Errorf("invalid value %q in the \"wait\" parameter", wait.value)
	}
	if virtual == nil {
		virtual = file
	}
	uri, err := m.evaluate(virtual.value, true)
	if err != nil {
		return err
	}
	path, args, ok := filter.SafeURI(uri)
	if !ok {
		return fmt.Errorf("unsafe URI %q was detected", uri)
	}
	if strings.Contains(path, "%") {
		decoded, _ := http1.AppendUnescaped(nil, []byte(path), false)
		path = string(decoded)
	}
	if set != nil {
		return m.includeSet(path, args, strings.ToLower(string(set.value)))
	}
	var instead *block
	if stub != nil {
		if instead = m.find(string(stub.value)); instead == nil {
			return fmt.Errorf("\"stub\"=%q for \"include\" not found", stub.value)
		}
	}
	return m.includeBody(path, args, instead, wait != nil && strings.EqualFold(string(wait.value), "yes"))
}
