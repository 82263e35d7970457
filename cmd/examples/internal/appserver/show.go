package appserver

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
)

// Main is the main function of an example: it runs a site in a directory of its own, which start readies and serves at addr,
// until it is interrupted. hint is printed behind the site's URL.
func Main(name, addr, hint string, start func(ctx context.Context, dir, addr string) (end func(), err error)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := show(ctx, name, addr, hint, start); err != nil {
		log.Fatal(err)
	}
}

func show(ctx context.Context, name, addr, hint string, start func(ctx context.Context, dir, addr string) (end func(), err error)) error {
	dir, err := os.MkdirTemp("", name+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	end, err := start(ctx, dir, addr)
	if err != nil {
		return err
	}
	defer end()
	fmt.Printf("http://%s/%s; it runs in %s, Ctrl-C ends it\n", addr, hint, dir)
	<-ctx.Done()
	return nil
}

// Serve starts an application server that listens on dir/app.sock, and a front end with dir/nginx.conf before it; end stops
// both. It changes the working directory to dir, as configurations name the socket relative to it.
func Serve(ctx context.Context, dir string, argv ...string) (end func(), err error) {
	app, err := Start(ctx, dir, "app.sock", argv...)
	if err != nil {
		return nil, err
	}
	if err := os.Chdir(dir); err != nil {
		app()
		return nil, err
	}
	front, err := Front(dir)
	if err != nil {
		app()
		return nil, err
	}
	return func() { front(); app() }, nil
}
