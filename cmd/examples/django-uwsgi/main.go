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
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/wheelpit/wheelpit/cmd/examples/internal/appserver"
)

//go:embed nginx.conf uwsgi.ini uwsgi_params all:site
var files embed.FS

// listen is the address that nginx.conf names.
const listen = "127.0.0.1:8080"

const install = "install it with: apt-get install uwsgi uwsgi-plugin-python3 python3-django"

func main() { appserver.Main("django-uwsgi", listen, " (user demo, password demo)", start) }

// start readies the site in dir and serves it at addr; it changes the working directory, see appserver.Serve.
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
	return appserver.Serve(ctx, dir, uwsgi, "--ini", "uwsgi.ini")
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
