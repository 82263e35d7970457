package rival

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"sync/atomic"

	"github.com/go-chi/chi/v5"
)

// middlewares is how many stand before the route with parameters.
const middlewares = 5

// count is what such a middleware does: something on each way. One reactor or one thread does it in ours and in fasthttp's
// single processor; net/http's run on any goroutine.
type count struct{ requests, responses int }

// counting is a net/http middleware that counts on each way.
func counting(next http.Handler) http.Handler {
	var requests, responses atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		next.ServeHTTP(w, r)
		responses.Add(1)
	})
}

func fixedHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.WriteString(w, FixedAnswer)
}

// routed answers if all three parameters are there.
func routed(param func(r *http.Request, name string) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if param(r, "a") == "" || param(r, "b") == "" || param(r, "c") == "" {
			http.NotFound(w, r)
			return
		}
		fixedHTTP(w, r)
	})
}

// runNetHTTP serves with the standard library as most programs use it: a ServeMux and a FileServer.
func runNetHTTP(ctx context.Context, addr, dir string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", fixedHTTP)
	mux.HandleFunc("GET /worker", fixedHTTP)
	api := routed((*http.Request).PathValue)
	for range middlewares {
		api = counting(api)
	}
	mux.Handle("GET /api/{a}/b/{b}/c/{c}", api)
	mux.Handle("GET /", http.FileServer(http.Dir(dir)))
	return serveHTTP(ctx, addr, mux)
}

// runChi serves with the standard library behind chi's router.
func runChi(ctx context.Context, addr, dir string) error {
	mux := chi.NewRouter()
	mux.Get("/hello", fixedHTTP)
	mux.Get("/worker", fixedHTTP)
	mux.Group(func(r chi.Router) {
		for range middlewares {
			r.Use(counting)
		}
		r.Method(http.MethodGet, "/api/{a}/b/{b}/c/{c}", routed(chi.URLParam))
	})
	mux.Handle("/*", http.FileServer(http.Dir(dir)))
	return serveHTTP(ctx, addr, mux)
}

func serveHTTP(ctx context.Context, addr string, h http.Handler) error {
	server := &http.Server{Addr: addr, Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("rival: %w", err)
	}
	return nil
}
