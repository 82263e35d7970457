package front_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/front"
)

// A name server that is not found is an error wherever it is named, whether it is of use or not.
func TestResolversAreFound(t *testing.T) {
	for _, text := range []string{
		"resolver no.such.invalid;",
		"server { listen 127.0.0.1:1; resolver 127.0.0.1 no.such.invalid; }",
		"server { listen 127.0.0.1:1; location / { location /a { resolver no.such.invalid; } } }",
		"upstream u { server 127.0.0.1; resolver no.such.invalid; }",
	} {
		_, err := build(t, t.TempDir(), text)
		const want = `host not found in resolver "no.such.invalid"`
		if err == nil || strings.Count(err.Error(), want) != 1 {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The logs of http are opened, and so found wanting, also when each server has logs of its own.
func TestUnusedLogIsOpened(t *testing.T) {
	dir := t.TempDir()
	file := dir + "/nginx.conf"
	text := "events { }\nhttp { access_log " + dir + "/unused; server { listen 127.0.0.1:1; access_log off; } }"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, errs := conf.Load(file, conf.Options{})
	if errs.Failed() {
		t.Fatal(errs)
	}
	plan, err := front.Build(cfg, front.Options{Prefix: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Runtime.Open(errlog.Writer(io.Discard, errlog.Emerg)); err != nil {
		t.Fatal(err)
	}
	defer plan.Runtime.Close()
	if _, err := os.Stat(dir + "/unused"); err != nil {
		t.Error(err)
	}
}
