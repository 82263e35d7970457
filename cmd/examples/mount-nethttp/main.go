// Command mount-nethttp brings net/http along: an existing mux below a prefix, a net/http middleware around everything,
// and a Wheelpit route that reads what the middleware found out.
package main

import (
	"context"
	"embed"
	"fmt"
	"log"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/nethttp"
	"github.com/wheelpit/wheelpit/server"
)

//go:embed main.go
var files embed.FS

// userKey is the key of the user's name in the context.
type userKey struct{}

// identify is a middleware as net/http has them: it names the user for the handlers behind it.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, ok := r.BasicAuth()
		if !ok {
			name = "nobody"
		}
		w.Header().Set("X-User", name)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, name)))
	})
}

// oldMux is what a program had before: its paths, profiles and files.
func oldMux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /old/hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "hello %s, says %s", r.PathValue("name"), r.Context().Value(userKey{}))
	})
	mux.HandleFunc("/old/pprof/cmdline", pprof.Cmdline)
	mux.Handle("/old/files/", http.StripPrefix("/old/files/", http.FileServerFS(files)))
	return mux
}

func newApp() *pipeline.App {
	app := pipeline.New()
	app.Use(nethttp.Middleware(identify))
	app.Mount("/old/", nethttp.Handler(oldMux()))
	app.Get("/new/{name}", func(c *pipeline.Ctx) error {
		return c.Text(200, fmt.Sprintf("hello %s, says %s", c.Param("name"), c.Context().Value(userKey{})))
	})
	return app
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := server.Serve(ctx, "127.0.0.1:8080", newApp()); err != nil {
		log.Fatal(err)
	}
}
