// Command conformance is the server that the HTTP/1 conformance cases expect: a document root, a fixed answer for each of
// /probe, /smuggled and /echo, and a second tree mapped at /static/.
//
//	go run ./bench/conformance -listen 127.0.0.1:8080 -dir DIR [-strict]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/static"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen on")
	dir := flag.String("dir", "", "directory with html and data/static")
	strict := flag.Bool("strict", false, "refuse what is merely tolerated")
	flag.Parse()
	if err := run(*listen, *dir, *strict); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(listen, dir string, strict bool) error {
	app, err := routes(dir)
	if err != nil {
		return err
	}
	lim := http1.DefaultLimits()
	lim.Strict = strict
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	return server.Run(ctx, server.Config{
		Listen: []string{listen}, App: app, HTTP: &lim,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
}

func routes(dir string) (*pipeline.App, error) {
	files, err := static.New(static.Options{Root: filepath.Join(dir, "html"), HideDotfiles: true})
	if err != nil {
		return nil, err
	}
	mapped, err := static.New(static.Options{Root: filepath.Join(dir, "data/static")})
	if err != nil {
		return nil, err
	}
	app := pipeline.New()
	fixed := func(text string) pipeline.Handler {
		return func(c *pipeline.Ctx) error { return c.Text(200, text) }
	}
	app.Handle("/probe", fixed("PROBE"), pipeline.Inline)
	app.Handle("/smuggled", fixed("SMUGGLED"), pipeline.Inline)
	app.Handle("/echo", func(c *pipeline.Ctx) error { // on a worker, so that bodies are read there
		if _, err := io.Copy(io.Discard, c.BodyReader()); err != nil {
			return err
		}
		return c.Text(200, "hello\n")
	})
	app.Mount("/static/", mapped.Serve, pipeline.Inline)
	app.Mount("/", files.Serve, pipeline.Inline)
	return app, nil
}
