package main

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/wheelpit/wheelpit/server"
)

func TestHello(t *testing.T) {
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: newApp()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(context.Background()) }()
	for path, want := range map[string]string{"/ping": "pong", "/hello/you": "hello you"} {
		res, err := http.Get("http://" + s.Addrs()[0] + path)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if string(b) != want || res.Header.Get("X-Powered-By") != "a wheel" {
			t.Errorf("%s: %q %v", path, b, res.Header)
		}
	}
}
