package front

// Hot: internal redirects happen for every request to a directory.

import (
	"bytes"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/script"
)

var errCycle = &pipeline.Error{Status: 500, Message: "rewrite or internal redirection cycle"}

// lineError is a fault of the configuration that a request met, in NGINX's words for the error log; clients get 500.
type lineError string

func (e lineError) Error() string { return string(e) }

// Unwrap gives the status.
func (e lineError) Unwrap() error { return &statusErrors[500] }

// redirect begins anew with another URI, as a request of the server's own: ngx_http_internal_redirect. uri is decoded; it is
// copied, as args are.
func (r *request) redirect(uri, args []byte) error {
	if r.changes--; r.changes < 0 {
		return lineError(`rewrite or internal redirection cycle while internally redirecting to "` + string(uri) + `"`)
	}
	r.c.Restart()
	r.setURI(uri)
	r.setArgs(args)
	r.internal, r.phase, r.step, r.kept, r.behind = true, atServer, 0, false, false
	r.enter(r.srv.root)
	return nil
}

// redirectNamed goes on in a named location with the URI as it is: ngx_http_named_location.
func (r *request) redirectNamed(name string) error {
	l := r.srv.named[name]
	if r.changes--; r.changes < 0 {
		return lineError(`rewrite or internal redirection cycle while redirect to named location "@` + name + `"`)
	}
	if l == nil {
		return lineError(`could not find named location "@` + name + `"`)
	}
	r.c.Restart()
	r.internal, r.phase, r.step, r.behind = true, atRewrite, 0, false
	r.enter(l)
	return nil
}

// redirectTo goes where a value of try_files, error_page or the like leads: "@name", or a URI with or without arguments. As
// in NGINX, arguments are looked for in the text, and those of the request are kept when keep is set and there are none.
func (r *request) redirectTo(target []byte, keep bool) error {
	if len(target) > 0 && target[0] == '@' {
		return r.redirectNamed(string(target[1:]))
	}
	uri, args, found := bytes.Cut(target, []byte("?"))
	if !found && keep {
		args = r.args()
	}
	return r.redirect(uri, args)
}

// setURI replaces the current URI by a copy of uri.
func (r *request) setURI(uri []byte) { script.SetURI(r.c, uri) }

// args returns the current arguments.
func (r *request) args() []byte { return script.Args(r.c) }

// setArgs replaces the current arguments by a copy of args.
func (r *request) setArgs(args []byte) {
	if string(args) != string(script.Args(r.c)) {
		script.SetArgs(r.c, args)
	}
}
