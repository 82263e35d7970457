package bench

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress is one line on a terminal that says what is measured and how long it will take. Elsewhere it is silent.
type progress struct {
	out         io.Writer // nil when it is silent
	total, done int       // slices
	first       time.Time // when the first slice began
	now         func() time.Time
}

func newProgress(out io.Writer, total int) *progress {
	p := &progress{total: total, now: time.Now}
	if f, ok := out.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.out = out
		}
	}
	return p
}

// show replaces the line.
func (p *progress) show(format string, args ...any) {
	if p.out != nil {
		fmt.Fprintf(p.out, "\r\x1b[K[%d/%d] %s%s", p.done, p.total, fmt.Sprintf(format, args...), p.left())
	}
}

// step replaces the line when the next slice begins.
func (p *progress) step(format string, args ...any) {
	if p.done == 0 {
		p.first = p.now()
	}
	p.show(format, args...)
	p.done++
}

// left estimates the remaining time from the slices that are over.
func (p *progress) left() string {
	if p.done == 0 {
		return ""
	}
	each := p.now().Sub(p.first) / time.Duration(p.done)
	return fmt.Sprintf(", %v left", (each * time.Duration(p.total-p.done)).Round(time.Second))
}

// clear removes the line.
func (p *progress) clear() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
