// Command php-fpm shows PHP behind Wheelpit: nginx.conf in this folder serves files from the disk and passes scripts to
// PHP-FPM, as the documentation of PHP and of NGINX has it. It needs Debian's package php-fpm:
//
//	go run ./cmd/examples/php-fpm
package main

import (
	"context"
	"embed"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"

	"github.com/wheelpit/wheelpit/cmd/examples/internal/appserver"
)

//go:embed nginx.conf php-fpm.conf fastcgi_params site
var files embed.FS

// listen is the address that nginx.conf names.
const listen = "127.0.0.1:8080"

const install = "install it with: apt-get install php-fpm"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := show(ctx); err != nil {
		log.Fatal(err)
	}
}

// show runs the site until ctx ends.
func show(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "php-fpm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	end, err := start(ctx, dir, listen)
	if err != nil {
		return err
	}
	defer end()
	fmt.Printf("http://%s/; it runs in %s, Ctrl-C ends it\n", listen, dir)
	<-ctx.Done()
	return nil
}

// start readies the site in dir and serves it at addr. It changes the working directory: nginx.conf and php-fpm.conf name
// the socket relative to it.
func start(ctx context.Context, dir, addr string) (end func(), err error) {
	fpm, err := appserver.Find(install, "php-fpm", "/usr/sbin/php-fpm*")
	if err != nil {
		return nil, err
	}
	if err := appserver.Unpack(dir, files, strings.NewReplacer(listen, addr)); err != nil {
		return nil, err
	}
	argv := []string{fpm, "--nodaemonize", "--prefix", dir, "--fpm-config", "php-fpm.conf"}
	if os.Geteuid() == 0 {
		argv = append(argv, "--allow-to-run-as-root")
	}
	app, err := appserver.Start(ctx, dir, "app.sock", argv...)
	if err != nil {
		return nil, err
	}
	if err := os.Chdir(dir); err != nil {
		app()
		return nil, err
	}
	front, err := appserver.Front(dir)
	if err != nil {
		app()
		return nil, err
	}
	return func() { front(); app() }, nil
}
