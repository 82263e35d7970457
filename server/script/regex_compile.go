package script

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// program is an expression compiled for matcher.
type program struct {
	steps    []step
	start    int
	branches int
	anchored bool // only the begin of the subject can match
	hasFirst bool // every match begins with the byte first
	first    byte
}

type stepOp uint8

const (
	stepByte stepOp = iota
	stepSet
	stepBranch
	stepCapture
	stepAssert
	stepMatch
	stepFail
)

// step is one instruction; next follows unless it fails.
type step struct {
	op     stepOp
	char   byte
	branch int32 // number of a branch
	next   int32
	other  int32      // of a branch: where to go on when next fails; of a capture: its slot; of an assertion: the condition
	set    *[8]uint32 // bytes that a set takes
}

// maxSteps bounds a program; a longer one is left to regexp2, which counts repetitions.
const maxSteps = 10_000

var errTooLong = errors.New("regular expression is too large")

// compileProgram makes a program of a parsed expression.
func compileProgram(tree *syntax.Regexp) (*program, error) {
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	if len(prog.Inst) > maxSteps {
		return nil, errTooLong
	}
	p := &program{start: prog.Start}
	for i := range prog.Inst {
		p.steps = append(p.steps, p.step(&prog.Inst[i]))
	}
	p.anchored = prog.StartCond()&syntax.EmptyBeginText != 0
	if prefix, _ := prog.Prefix(); prefix != "" && prefix[0] < 0x80 {
		p.first, p.hasFirst = prefix[0], true
	}
	return p, nil
}

// step translates one instruction.
func (p *program) step(in *syntax.Inst) step {
	s := step{next: int32(in.Out), other: int32(in.Arg)}
	switch in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		s.op, s.branch = stepBranch, int32(p.branches)
		p.branches++
	case syntax.InstCapture:
		s.op = stepCapture
	case syntax.InstEmptyWidth:
		s.op = stepAssert
	case syntax.InstNop:
		s.op, s.other = stepAssert, 0 // a condition that always holds
	case syntax.InstMatch:
		s.op = stepMatch
	case syntax.InstFail:
		s.op = stepFail
	default:
		s.op, s.char, s.set = bytesOf(in)
	}
	return s
}

// bytesOf finds the bytes that an instruction takes.
func bytesOf(in *syntax.Inst) (op stepOp, char byte, set *[8]uint32) {
	set = new([8]uint32)
	n := 0
	for b := range 256 {
		if in.MatchRune(rune(b)) {
			set[b>>5] |= 1 << (b & 31)
			char = byte(b)
			n++
		}
	}
	if n == 1 {
		return stepByte, char, nil
	}
	return stepSet, 0, set
}

// escapes are what regexp2 has to be told of PCRE's escapes: within a class, and outside of one.
var escapes = map[byte][2]string{
	'Z': {``, endOfText},
	'h': {`\t \xa0`, `[\t \xa0]`},
	'R': {``, `(?>\r\n|[\n\x0b\f\r\x85])`},
	'N': {``, `[^\n]`},
	'e': {`\x1b`, `\x1b`},
}

// endOfText is PCRE's "$".
const endOfText = `(?=\n?\z)`

var multiline = regexp.MustCompile(`\(\?[a-zA-Z]*m`)

// forRegexp2 rewrites an expression of PCRE for regexp2 in its RE2 mode: "$" is also before a final newline, and escapes
// that regexp2 would take for letters are spelled out, or refused.
func forRegexp2(p string) (string, error) {
	var out strings.Builder
	lines := multiline.MatchString(p) // then "$" has a meaning of its own
	for i, class := 0, false; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\' && i+1 < len(p):
			n, text, err := escape(p[i:], class)
			if err != nil {
				return "", err
			}
			out.WriteString(text)
			i += n - 1
		case class && strings.HasPrefix(p[i:], "[:") && strings.Contains(p[i:], ":]"):
			n := strings.Index(p[i:], ":]") + 2
			out.WriteString(p[i : i+n])
			i += n - 1
		case c == '[' && !class:
			n := classHead(p[i:])
			out.WriteString(p[i : i+n])
			i, class = i+n-1, true
		case c == ']' && class:
			class = false
			out.WriteByte(c)
		case c == '$' && !class && !lines:
			out.WriteString(endOfText)
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), nil
}

// classHead is the length of the begin of a class: a "]" that stands first does not end it.
func classHead(p string) int {
	n := 1
	if n < len(p) && p[n] == '^' {
		n++
	}
	if n < len(p) && p[n] == ']' {
		n++
	}
	return n
}

// escape translates the escape that p begins with, and returns its length.
func escape(p string, class bool) (n int, text string, err error) {
	c := p[1]
	switch {
	case c == 'Q':
		if end := strings.Index(p, `\E`); end >= 0 {
			return end + 2, p[:end+2], nil
		}
		return len(p), p, nil
	case c == 'g' && !class:
		digits := strings.Trim(p[2:min(len(p), 5)], "{}")
		if len(digits) == 0 || digits[0] < '1' || digits[0] > '9' {
			break
		}
		n = 3
		if p[2] == '{' {
			n = 5
		}
		return n, `(?:\` + digits[:1] + `)`, nil
	case escapes[c][1] != "":
		if class {
			return 2, escapes[c][0], nil
		}
		return 2, escapes[c][1], nil
	}
	if strings.IndexByte("HVKXCgoLlUu", c) >= 0 {
		return 0, "", fmt.Errorf(`\%c is not supported`, c)
	}
	return 2, p[:2], nil
}
