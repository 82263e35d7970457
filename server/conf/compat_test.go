package conf

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write COMPATIBILITY.md")

func TestCompatibilityIsWritten(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("COMPATIBILITY.md", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("COMPATIBILITY.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Error("COMPATIBILITY.md is not what the table says: go test ./server/conf -run Compatibility -update")
	}
}

// TestRowsAreWhole checks what every row must have, and that no two rows claim one context.
func TestRowsAreWhole(t *testing.T) {
	for name, rows := range table {
		var taken Context
		for _, r := range rows {
			if r.In == 0 || r.Args == 0 {
				t.Errorf("%s: no context or no number of arguments", name)
			}
			if (r.Status == Accepted || r.Status == Refused) != (r.Reason != "") {
				t.Errorf("%s is %s with the reason %q", name, r.Status, r.Reason)
			}
			if r.In&taken != 0 {
				t.Errorf("%s has two rows in %s", name, r.In&taken)
			}
			taken |= r.In
		}
	}
}

func TestUsage(t *testing.T) {
	cfg, _ := load("events { }\nhttp { ssl_buffer_size 1k; types_hash_max_size 1; server { ssl_buffer_size 2k; perl x; } }", nil, Options{})
	var b strings.Builder
	if err := cfg.WriteUsage(&b); err != nil {
		t.Fatal(err)
	}
	want := `STATUS     TIMES  DIRECTIVE                        REASON
accepted       1  types_hash_max_size              there is no table whose size could be set
supported      1  events
supported      1  http
supported      1  server
checked        2  ssl_buffer_size
2 checked, 3 supported, 1 accepted
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
