// Command views is a small blog: a list in pages, a page for each article, a class with two methods, and JSON.
package main

import (
	"context"
	"embed"
	"log"
	"os"
	"os/signal"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/views"
	"github.com/wheelpit/wheelpit/server"
)

//go:embed templates
var files embed.FS

// comments is a class: its methods are those of the resource. Others are answered 405, HEAD by Get, OPTIONS by itself.
type comments struct{ blog *blog }

func (v comments) Get(c *pipeline.Ctx) error {
	return views.JSON(c, 200, v.blog.comments())
}

func (v comments) Post(c *pipeline.Ctx) error {
	text, err := c.Body()
	if err != nil {
		return err
	}
	v.blog.comment(string(text))
	return views.RedirectWith(c, 303, "comments")
}

func newApp(b *blog) (*pipeline.App, error) {
	pages, err := views.HTMLWith(views.HTMLOptions{Shared: []string{"templates/base.html"}}, files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	app := pipeline.New()
	app.Path("", views.View(&views.ListView[article]{
		Templates: pages, Template: "templates/list.html", PageSize: 10,
		Objects: func(*pipeline.Ctx) (views.Source[article], error) { return views.List[article](b.articles), nil },
	}), pipeline.Name("list"))
	app.Path("articles/<int:id>/", views.View(&views.DetailView[article]{
		Templates: pages, Template: "templates/detail.html", ContextName: "article",
		Object: func(c *pipeline.Ctx) (article, error) {
			id, _ := c.ParamInt("id")
			return views.GetOr404(b.article(id))
		},
	}), pipeline.Name("article"))
	app.Path("comments/", views.View(comments{b}), pipeline.Name("comments"))
	app.Path("a/<int:id>/", views.View(&views.RedirectView{Route: "article", Permanent: true}))
	return app, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	app, err := newApp(newBlog(25))
	if err != nil {
		log.Fatal(err)
	}
	if err := server.Serve(ctx, "127.0.0.1:8080", app); err != nil {
		log.Fatal(err)
	}
}
