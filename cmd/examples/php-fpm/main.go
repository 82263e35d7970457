// Command php-fpm shows PHP behind Wheelpit: nginx.conf in this folder serves files from the disk and passes scripts to
// PHP-FPM, as the documentation of PHP and of NGINX has it. It needs Debian's package php-fpm:
//
//	go run ./cmd/examples/php-fpm
package main

import (
	"context"
	"embed"
	"os"
	"strings"

	"github.com/wheelpit/wheelpit/cmd/examples/internal/appserver"
)

//go:embed nginx.conf php-fpm.conf fastcgi_params site
var files embed.FS

// listen is the address that nginx.conf names.
const listen = "127.0.0.1:8080"

const install = "install it with: apt-get install php-fpm"

func main() { appserver.Main("php-fpm", listen, "", start) }

// start readies the site in dir and serves it at addr; it changes the working directory, see appserver.Serve.
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
	return appserver.Serve(ctx, dir, argv...)
}
