package front

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/wheelpit/wheelpit/server/conf"
)

// TestPeers: what a location passes to is a group of the configuration, or an address.
func TestPeers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nginx.conf")
	text := "events { } http { upstream u { zone z 64k; server 10.0.0.1:80 weight=2; server unix:/s backup; } }"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, errs := conf.Load(file, conf.Options{})
	if errs.Failed() {
		t.Fatal(errs)
	}
	http := newScope(nil, cfg.Find("http"))
	for to, want := range map[string][]string{
		"http://u":            {"10.0.0.1:80 weight=2", "unix:/s backup"},
		"http://u/path$uri":   {"10.0.0.1:80 weight=2", "unix:/s backup"},
		"u":                   {"10.0.0.1:80 weight=2", "unix:/s backup"},
		"http://10.0.0.9:81/": {"10.0.0.9:81"},
		"127.0.0.1:9000":      {"127.0.0.1:9000"},
		"unix:/run/php.sock":  {"unix:/run/php.sock"},
		"$backend":            {"$backend"},
	} {
		if got := peersOf(http, groupOf(to)); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", to, got, want)
		}
	}
}
