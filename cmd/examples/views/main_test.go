package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server"
)

func TestBlog(t *testing.T) {
	app, err := newApp(newBlog(25))
	if err != nil {
		t.Fatal(err)
	}
	client := pipelinetest.NewClient(t, app)
	client.Get("/").AssertContains(`<li><a href="/articles/10/">Article &lt;10&gt;</a></li>`).AssertContains(` <b>1</b> <a href="?page=2">2</a>`)
	client.Get("/?page=last").AssertContains(`<a href="/articles/25/">`)
	client.Get("/?page=4").AssertStatus(404)
	client.Get("/articles/7/").AssertContains("<title>Article &lt;7&gt;</title>").AssertHeader("Content-Type", "text/html; charset=utf-8")
	client.Get("/articles/26/").AssertStatus(404)
	client.Get("/a/7/").AssertStatus(301).AssertRedirects("/articles/7/")
	client.Get("/comments/").AssertJSON(`["first"]`)
	client.Post("/comments/", pipelinetest.Body("text/plain", "second")).AssertStatus(303).AssertRedirects("/comments/")
	client.Get("/comments/").AssertJSON(`["first","second"]`)
	client.Put("/comments/").AssertStatus(405).AssertHeader("Allow", "GET, POST, HEAD, OPTIONS")
}

func TestBlogOnItsServer(t *testing.T) {
	app, err := newApp(newBlog(1))
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(context.Background()) }()
	res, err := http.Post("http://"+s.Addrs()[0]+"/comments/", "text/plain", strings.NewReader("second"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if b, err := io.ReadAll(res.Body); string(b) != `["first","second"]` || err != nil {
		t.Errorf("%q %v", b, err)
	}
}
