package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/middleware"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/static"
)

// serveOptions are the flags of `wheelpit serve`.
type serveOptions struct {
	dir       string
	listen    []string
	spa       bool
	cors      bool
	autoindex bool
	quiet     bool
	reactors  int
}

const defaultPort = 8080

//go:embed welcome/index.html
var welcomePage []byte

func newServe() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Serve the files of a directory",
		Long: `Serve answers with the files of DIR; without DIR, with a welcome page.

Files whose name begins with a dot are hidden. A 404.html at the top answers for what is
not there. name.br, name.zst and name.gz beside a
file are sent to clients that accept them. When port 8080 is taken and no address was
given, the next free port is used. SIGTERM or SIGINT ends the server when the requests
in flight are answered; a second one ends it at once.`,
		Example: `  wheelpit serve
  wheelpit serve ./public --autoindex
  wheelpit serve ./dist --spa --cors
  wheelpit serve . --listen 0.0.0.0:8000 --listen unix:/run/site.sock`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.dir = args[0]
			}
			return runServe(cmd, o)
		},
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.listen, "listen", "l", nil, "address to listen on: host:port, :port, [::1]:port or unix:/path (repeatable; default 127.0.0.1:8080)")
	f.BoolVar(&o.spa, "spa", false, "answer paths that are no file with /index.html")
	f.BoolVar(&o.cors, "cors", false, "allow every origin, for development")
	f.BoolVar(&o.autoindex, "autoindex", false, "list directories that have no index.html (JSON for clients that ask for it)")
	f.IntVar(&o.reactors, "reactors", 0, "number of event loops (default: the processors at hand)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print neither banner nor access log")
	return cmd
}

func runServe(cmd *cobra.Command, o serveOptions) error {
	if o.reactors < 0 || o.reactors > 1024 {
		return exitError{exitUsage, fmt.Errorf("--reactors %d: must be from 1 to 1024", o.reactors)}
	}
	app, err := o.app()
	if err != nil {
		return err
	}
	cfg := server.Config{
		App:      app,
		Reactors: o.reactors,
		Log:      slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	var log *accessLog
	if !o.quiet {
		log = newAccessLog(cmd.OutOrStdout())
		defer log.Close()
		cfg.AccessLog = log.Log
	}
	s, err := o.open(cfg)
	if err != nil {
		return err
	}
	if err := s.Start(); err != nil {
		return err
	}
	if !o.quiet {
		printBanner(cmd.OutOrStdout(), o.dir, s)
	}
	<-cmd.Context().Done()
	return drain(s)
}

// drain ends the server; a second signal ends it at once.
func drain(s *server.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), server.DefaultDrain)
	defer cancel()
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	return s.Shutdown(ctx)
}

// app is the application that serve runs.
func (o serveOptions) app() (*pipeline.App, error) {
	app := pipeline.New()
	if o.cors {
		app.Use(&middleware.CORS{})
	}
	if o.dir == "" {
		app.Get("/{$}", func(c *pipeline.Ctx) error {
			return c.Static(200, "text/html; charset=utf-8", welcomePage)
		}, pipeline.Inline)
		return app, nil
	}
	files, err := static.New(static.Options{
		Root: o.dir, Autoindex: o.autoindex, HideDotfiles: true, SPA: o.spa, Precompressed: true,
	})
	if err != nil {
		return nil, err
	}
	app.Mount("/", files.Serve, pipeline.Inline)
	if _, err := os.Stat(filepath.Join(o.dir, "404.html")); err == nil {
		app.ErrorHandler(404, files.ErrorPage(404, "404.html"))
	}
	return app, nil
}

// open opens the listeners: those that were asked for, or the first free port from 8080 on.
func (o serveOptions) open(cfg server.Config) (*server.Server, error) {
	if len(o.listen) > 0 {
		cfg.Listen = o.listen
		s, err := server.New(cfg)
		if err != nil {
			return nil, fmt.Errorf("--listen: %w", err)
		}
		return s, nil
	}
	for port := defaultPort; ; port++ {
		cfg.Listen = []string{"127.0.0.1:" + strconv.Itoa(port)}
		s, err := server.New(cfg)
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) || port == defaultPort+100 {
			return s, err
		}
		if port == defaultPort && !o.quiet {
			fmt.Fprintf(os.Stderr, "wheelpit: port %d is taken, looking for a free one\n", port)
		}
	}
}
