package script

import (
	"errors"
	"regexp/syntax"
)

// program is an expression compiled for matcher.
type program struct {
	steps    []step
	start    int
	branches int
	anchored bool // a match begins where the subject does
	hasFirst bool // a match begins with the byte first
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
