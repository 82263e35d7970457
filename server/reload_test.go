package server

import (
	"bufio"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// A reload changes nothing that a request in progress looks at, be it where a panic is told: under -race.
func TestReloadWhileItServes(t *testing.T) {
	app := pipeline.New()
	app.Get("/inline", func(c *pipeline.Ctx) error { return c.Text(200, "x") }, pipeline.Inline)
	app.Get("/worker", func(c *pipeline.Ctx) error { return c.Text(200, "x") })
	cfg := Config{Listen: []string{"127.0.0.1:0"}, App: app, Log: slog.New(slog.DiscardHandler), AccessLog: func(*Entry) { panic("on purpose") }}
	srv, addr := start(t, app, func(c *Config) { c.AccessLog = cfg.AccessLog })
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 50 {
			if err := srv.Reload(cfg); err != nil {
				t.Error(err)
			}
		}
	}()
	conn := dial(t, addr)
	r := bufio.NewReader(conn)
	for open := true; open; {
		select {
		case <-done:
			open = false // and once more
		default:
		}
		for _, path := range []string{"/inline", "/worker"} {
			_, _ = io.WriteString(conn, get(path))
			res, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(res.Body); string(b) != "x" {
				t.Fatalf("%q %v", b, err)
			}
		}
	}
}
