//go:build !race && !invariants

package script_test

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/script"
)

func BenchmarkLogLine(b *testing.B) {
	tab := script.NewTable()
	line, _ := script.Compile(combined, tab)
	if err := tab.Resolve(); err != nil {
		b.Fatal(err)
	}
	run, dst := requests(b), make([]byte, 0, 4096)
	run(func(c *pipeline.Ctx) {
		for b.Loop() {
			dst = line.AppendLog(c, dst[:0], script.EscapeDefault)
		}
	})
}

func BenchmarkProgram(b *testing.B) {
	http := load(b, `server { if ($http_x) { return 403; } rewrite "^/([^/]+)/(.*)$" /$2/$1 break; }`)
	tab := script.NewTable()
	p, err := script.NewProgram(tab, http.Find("server").Children(), script.ProgramOptions{})
	if err != nil {
		b.Fatal(err)
	}
	if err := tab.Resolve(); err != nil {
		b.Fatal(err)
	}
	run := requests(b)
	for b.Loop() {
		run(func(c *pipeline.Ctx) { p.Run(c) })
	}
}
