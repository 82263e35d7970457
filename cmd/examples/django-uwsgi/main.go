// Command django-uwsgi shows a Django site on uWSGI behind Wheelpit: nginx.conf in this folder serves the files from the disk
// and asks uWSGI for the rest, as the documentation of Django and of uWSGI has it for NGINX. It needs Debian's packages uwsgi,
// uwsgi-plugin-python3 and python3-django:
//
//	go run ./cmd/examples/django-uwsgi
package main

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/wheelpit/wheelpit/cmd/examples/internal/appserver"
)

//go:embed nginx.conf uwsgi.ini uwsgi_params all:site
var files embed.FS

// listen is the address that nginx.conf names.
const listen = "127.0.0.1:8080"

const install = "install it with: apt-get install uwsgi uwsgi-plugin-python3 python3-django"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := show(ctx); err != nil {
		log.Fatal(err)
	}
}

// show runs the site until ctx ends.
func show(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "django-uwsgi-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	end, err := start(ctx, dir, listen)
	if err != nil {
		return err
	}
	defer end()
	fmt.Printf("http://%s/ (user demo, password demo); it runs in %s, Ctrl-C ends it\n", listen, dir)
	<-ctx.Done()
	return nil
}

// start readies the site in dir and serves it at addr. It changes the working directory: nginx.conf names uWSGI's socket
// relative to it.
func start(ctx context.Context, dir, addr string) (end func(), err error) {
	python, err := findPython()
	if err != nil {
		return nil, err
	}
	uwsgi, err := appserver.Find(install, "uwsgi")
	if err != nil {
		return nil, err
	}
	if err := appserver.Unpack(dir, files, strings.NewReplacer(listen, addr)); err != nil {
		return nil, err
	}
	if err := os.Setenv("DEMO_SECRET", rand.Text()); err != nil {
		return nil, err
	}
	if err := prepare(ctx, filepath.Join(dir, "site"), python); err != nil {
		return nil, err
	}
	app, err := appserver.Start(ctx, dir, "app.sock", uwsgi, "--ini", "uwsgi.ini")
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

// findPython returns a Python that has Django. The one in the path may be another than Debian's.
func findPython() (string, error) {
	for _, p := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(p, "-c", "import django").Run() == nil {
			return p, nil
		}
	}
	return "", fmt.Errorf("%w: no python3 has Django; %s", appserver.ErrMissing, install)
}

// prepare makes the database with its user, and collects the static files.
func prepare(ctx context.Context, site, python string) error {
	const addUser = `from django.contrib.auth.models import User; User.objects.create_user("demo", password="demo")`
	for _, argv := range [][]string{
		{python, "manage.py", "migrate", "--verbosity", "0"},
		{python, "manage.py", "shell", "-c", addUser},
		{python, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"},
	} {
		if err := appserver.Run(ctx, site, argv...); err != nil {
			return err
		}
	}
	err := os.Mkdir(filepath.Join(filepath.Dir(site), "media"), 0o755)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return err
}
