package rival

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
)

// runNetHTTP serves with the standard library as most programs use it: a ServeMux and a FileServer.
func runNetHTTP(ctx context.Context, addr, dir string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, FixedAnswer)
	})
	mux.Handle("GET /", http.FileServer(http.Dir(dir)))
	server := &http.Server{Addr: addr, Handler: mux, ErrorLog: log.New(io.Discard, "", 0)}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("rival: %w", err)
	}
	return nil
}
