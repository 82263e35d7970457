package script

// Hot: runs for every request of a server or location with such directives; no allocation, no map, no defer.

import (
	"bytes"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Verdict is how a request goes on after a Program.
type Verdict uint8

const (
	// Next: it goes on where it is. A location that was chosen stays, even if the URI changed (rewrite ... break).
	Next Verdict = iota
	// Restart: the URI changed, and the location is to be chosen again; ten times at most, then the answer is 500.
	Restart
	// Done: the request is answered with the Outcome.
	Done
)

// Outcome is what a Program has decided.
type Outcome struct {
	Verdict Verdict
	// If is the number of the unnamed location that the request entered last, -1 when it entered none.
	If int
	// Rewritten tells that a rewrite changed the URI: the request may now enter internal locations.
	Rewritten bool

	// Status is the answer of Done. With HasText, Text is its body, of the type that the URI has in the location, and
	// error_page does not apply. With Redirect, Text is the Location, relative or absolute, even an empty one, and the
	// body is the server's. Text lies in the memory of the request. With neither, the answer is what the server has for
	// the status: an error page, or the end of the connection for 444.
	Status            int
	HasText, Redirect bool
	Text              []byte
}

// runner is the state of one run.
type runner struct {
	c       *pipeline.Ctx
	p       *Program
	s       *state
	quote   bool // captures are escaped in values, as they are until the first rewrite that matched
	changed bool // the URI is another one, and its location is to be chosen
	out     Outcome
}

// Run executes the program on a request. A nil program does nothing.
func (p *Program) Run(c *pipeline.Ctx) Outcome {
	if p == nil {
		return Outcome{If: -1}
	}
	r := runner{c: c, p: p, s: stateOf(c), quote: true, out: Outcome{If: -1}}
	if p.watch != nil {
		return r.watched()
	}
	for pc := 0; pc >= 0 && pc < len(p.ops); {
		pc = r.step(&p.ops[pc], pc)
	}
	return r.outcome()
}

// outcome is what was decided when the last instruction was executed.
func (r *runner) outcome() Outcome {
	if r.changed && r.out.Verdict == Next {
		r.out.Verdict = Restart
	}
	return r.out
}

// step executes one instruction and returns the next, -1 at the end.
func (r *runner) step(o *op, pc int) int {
	switch o.kind {
	case opSet:
		o.variable.Set(r.c, r.value(o.value))
	case opEnter:
		r.out.If = o.index
		EnvOf(r.c).EnterIf(o.index)
	case opRewrite:
		return r.rewrite(o, pc)
	case opReturn:
		return r.answer(o)
	case opBreak:
		r.changed = false
		return -1
	case opEnd:
		return -1
	default:
		holds, failed := r.holds(o)
		if failed {
			return r.fail()
		}
		if !holds {
			return o.next
		}
	}
	return pc + 1
}

// value runs a script. The result is valid until the next one.
func (r *runner) value(s *Script) []byte {
	r.s.scratch = s.append(r.c, r.s.scratch[:0], r.quote && r.escapes())
	return r.s.scratch
}

// variable returns the value of a variable; it is valid until the next one.
func (r *runner) variable(v *Variable) []byte {
	r.s.scratch, _ = v.Append(r.c, r.s.scratch[:0])
	return r.s.scratch
}

// escapes tells whether captures need to be escaped where they leave the path: not when the client had no need to.
func (r *runner) escapes() bool { return bytes.ContainsAny(r.c.RawPathBytes(), "%+") }

// holds evaluates a condition.
func (r *runner) holds(o *op) (holds, failed bool) {
	switch o.kind {
	case opIfSet:
		v := r.variable(o.variable)
		return len(v) > 0 && (len(v) > 1 || v[0] != '0'), false
	case opIfEqual:
		n := len(r.variable(o.variable))
		r.s.scratch = o.value.append(r.c, r.s.scratch, r.quote && r.escapes())
		both := r.s.scratch
		return bytes.Equal(both[:n], both[n:]) != o.negative, false
	case opIfRegex:
		found, err := r.match(o.regex, r.variable(o.variable))
		return found != o.negative, err != nil
	}
	return r.p.test(r.c, o.test, r.value(o.value)) != o.negative, false
}

// match runs an expression; without a match there are no captures any more.
func (r *runner) match(re *Regex, subject []byte) (bool, error) {
	found, err := re.Exec(r.c, subject)
	if !found {
		r.s.captures = r.s.captures[:0]
	}
	if r.p.log && err == nil {
		logMatch(r.c, re, subject, found)
	}
	return found, err
}

func (r *runner) fail() int {
	r.out.Verdict, r.out.Status = Done, 500
	return -1
}

// answer executes return.
func (r *runner) answer(o *op) int {
	r.out.Verdict, r.out.Status = Done, o.status
	r.out.Redirect = redirects(o.status)
	r.out.HasText = !r.out.Redirect && (o.status < 400 || len(o.value.parts) > 0)
	if r.out.Redirect || r.out.HasText {
		r.s.scratch = o.value.append(r.c, r.s.scratch[:0], false)
		r.out.Text = r.s.keep(r.s.scratch)
	}
	return -1
}

func redirects(status int) bool {
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308
}

// testFile answers the conditions of files.
func testFile(c *pipeline.Ctx, op byte, path []byte) bool {
	st, err := EnvOf(c).Stat(string(path))
	if err != nil {
		return false
	}
	switch op {
	case 'f':
		return st.Mode().IsRegular()
	case 'd':
		return st.IsDir()
	case 'x':
		return st.Mode()&0o100 != 0
	}
	return st.Mode().IsRegular() || st.IsDir()
}

func logMatch(c *pipeline.Ctx, re *Regex, subject []byte, found bool) {
	verb := " does not match "
	if found {
		verb = " matches "
	}
	EnvOf(c).Log("notice", `"`+re.pattern+`"`+verb+`"`+string(subject)+`"`)
}

func logRewritten(c *pipeline.Ctx, uri []byte) {
	EnvOf(c).Log("notice", `rewritten data: "`+string(uri)+`", args: "`+string(Args(c))+`"`)
}
