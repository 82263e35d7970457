package proxy

import (
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// logLine is a line for the error log that was noted where there was no request to log it for.
type logLine struct {
	level, text string
	peer        string // that it is about; empty for none
}

// note keeps a line for the error log. It is told at once to nobody: a worker may have the Ctx. What a peer can make us note
// without end is not kept without end.
func (x *call) note(level, text string) {
	if x.h.cfg.Log == nil {
		return
	}
	x.pipe.mu.Lock()
	if len(x.logs) < maxNotes {
		line := logLine{level: level, text: text}
		if len(x.states) > 0 {
			line.peer = x.state().peer
		}
		x.logs = append(x.logs, line)
		x.noted.Store(true)
	}
	x.pipe.mu.Unlock()
}

// maxNotes bounds the lines that wait to be told.
const maxNotes = 64

// tell writes the lines to the log: by who has the Ctx.
func (x *call) tell(c *pipeline.Ctx) {
	if !x.noted.Load() || !x.noted.Swap(false) {
		return
	}
	x.pipe.mu.Lock()
	lines := x.logs
	x.logs = nil
	x.pipe.mu.Unlock()
	for i := range lines {
		x.h.cfg.Log(c, lines[i].level, lines[i].text, x.address(lines[i].peer))
	}
}

var schemes = [...]string{HTTP: "http://", UWSGI: "uwsgi://", FastCGI: "fastcgi://", SCGI: "scgi://", Memcached: "memcached://"}

// address is how NGINX's log names a peer: with the target that the request to it has.
func (x *call) address(peer string) string {
	if peer == "" {
		return ""
	}
	text := schemes[x.h.cfg.Protocol] + peer
	if x.h.cfg.Protocol != HTTP {
		return text
	}
	_, line, _ := strings.Cut(string(x.head), " ")
	target, _, _ := strings.Cut(line, " ")
	if strings.HasPrefix(peer, "unix:") {
		text += ":"
	}
	return text + target
}
