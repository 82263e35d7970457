package script_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// randomServer makes a server block of directives that follow each other in any order.
func randomServer(r *rand.Rand) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	value := func() string {
		text := ""
		for range 1 + r.IntN(3) {
			text += pick("${uri}", "${args}", "$1", "$2", "${x}", "${y}", "${arg_a}", "/b", "c", "?", "&d=", "%20", "${n}", "${request_uri}", "/")
		}
		return text
	}
	pattern := func() string {
		return pick("^/(.*)$", "^/([^/]+)/(.*)$", "(a)", "^(.)(.)", "/(?<n>[a-c]+)", "^/(a|b)?(.*)", "(.*)b", "[ +%&?]", "^", "^/(?!b)(.*)", "d$", "(?i)/A(.)")
	}
	directive := func() string {
		switch r.IntN(9) {
		case 0, 1:
			return fmt.Sprintf("set $%s \"%s\";", pick("x", "y", "args"), value())
		case 2, 3, 4:
			return fmt.Sprintf("rewrite \"%s\" \"/%s%s\" %s;", pattern(), value(), pick("", "", "?"), pick("", "", "", "last", "break", "redirect", "permanent"))
		case 5:
			return "break;"
		case 6:
			return fmt.Sprintf("return %s \"%s\";", pick("200", "302", "404"), value())
		}
		return fmt.Sprintf("return %s;", pick("204", "410"))
	}
	condition := func() string {
		switch r.IntN(3) {
		case 0:
			return pick("$x", "$arg_a", "$y", "$m")
		case 1:
			return fmt.Sprintf("%s %s \"%s\"", pick("$uri", "$args", "$x"), pick("=", "!="), value())
		}
		return fmt.Sprintf("%s %s \"%s\"", pick("$uri", "$args", "$x"), pick("~", "!~", "~*"), pattern())
	}
	block := func() string {
		text := ""
		for range 1 + r.IntN(4) {
			if r.IntN(3) == 0 {
				text += "if (" + condition() + ") { " + directive() + " " + directive() + " } "
			} else {
				text += directive() + " "
			}
		}
		return text
	}
	return block() + "location / { " + block() + "} location /b { " + block() + "} location ~ c { " + block() + "}"
}

// Configurations that nobody would write: directives in any order, values of any parts. A map with an expression is tested
// by conditions only: in a value it would change the captures of that value in NGINX, and does not here.
func TestRandomRewritesAgainstNginx(t *testing.T) {
	const servers = 100
	targets := []string{"/", "/a", "/a/b?a=1", "/b/a%20b?a=%20", "/a+b?a=0", "/c%3Fd?a", "/Ab/c&d", "/d"}
	r := rand.New(rand.NewPCG(1, 2))
	var blocks strings.Builder
	blocks.WriteString("map $arg_a $m { default m; ~^(.)$ \"<$1>\"; }\n")
	empty := t.TempDir()
	texts := make([]string, servers)
	for i := range texts {
		texts[i] = "if ($arg_zz) { set $x 1; set $y 1; } if ($arg_zz ~ (?<n>z)) { } " + randomServer(r)
		fmt.Fprintf(&blocks, "server { listen LISTEN; server_name c%d.test; root %s; add_header X-State \"$uri|$args|$x|$y|$n|$1|\" always;\n%s\n}\n", i, empty, texts[i])
	}
	all := fronts(t, blocks.String())
	addr := startNginx(t, blocks.String())
	for i, text := range texts {
		for _, target := range targets {
			raw := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: c%d.test\r\nConnection: close\r\n\r\n", target, i)
			if diff := compare(t, addr, all[i], raw); diff != "" {
				t.Errorf("%s\n  %s: %s", text, target, diff)
			}
		}
	}
}
