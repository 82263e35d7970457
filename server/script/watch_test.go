package script_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/script"
)

// TestWatch: every directive that is executed is told of, in order, and the outcome is the one without a watcher.
func TestWatch(t *testing.T) {
	for _, c := range []struct{ text, target, want string }{
		{"set $a x$arg_b; return 200 $a;", "/?b=1", "set true /?b=1 =x1|return true /?b=1"},
		{"if ($arg_b) { set $a 2; } if ($arg_b = 1) { return 204; } return 404;", "/?b=2", "if true /?b=2|set true /?b=2 =2|if false /?b=2|return true /?b=2"},
		{"rewrite ^/none /x; rewrite ^/a(.*) /b$1?c last; return 500;", "/a1", "rewrite false /a1|rewrite true /b1?c"},
		{"if ($uri ~ ^/(a)) { set $b $1; rewrite ^ /$b break; } return 500;", "/abc", "if true /abc|set true /abc =a|rewrite true /a"},
		{"break; return 500;", "/", "break true /"},
		{"rewrite ^/(.*) http://h/$1;", "/a", "rewrite true /a"},
	} {
		var steps []string
		watch := func(_ *pipeline.Ctx, s script.Step) {
			text := fmt.Sprint(s.Directive.Name, " ", s.Held, " ", s.Path)
			if s.Args != "" {
				text += "?" + s.Args
			}
			if s.Value != "" {
				text += " =" + s.Value
			}
			steps = append(steps, text)
		}
		outcome := func(o script.ProgramOptions) string {
			p, table := program(t, c.text, o)
			if err := table.Resolve(); err != nil {
				t.Fatal(err)
			}
			ctx := get(t, c.target)
			out := p.Run(ctx)
			return fmt.Sprintf("%d %d %v %d %v %v %q %s?%s", out.Verdict, out.If, out.Rewritten, out.Status, out.HasText, out.Redirect, out.Text, ctx.Path(), script.Args(ctx))
		}
		plain, watched := outcome(script.ProgramOptions{}), outcome(script.ProgramOptions{Watch: watch})
		if plain != watched {
			t.Errorf("%s: %s, watched %s", c.text, plain, watched)
		}
		if got := strings.Join(steps, "|"); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.text, got, c.want)
		}
	}
}
