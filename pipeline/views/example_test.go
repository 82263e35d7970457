package views_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/pipeline/views"
)

// counter is a class of two verbs.
type counter struct{ hits *int }

func (v counter) Get(c *pipeline.Ctx) error { return c.Text(200, fmt.Sprint(*v.hits)) }

func (v counter) Post(c *pipeline.Ctx) error {
	*v.hits++
	return views.RedirectWith(c, 303, "counter")
}

func ExampleView() {
	app := pipeline.New()
	app.Path("counter/", views.View(counter{new(int)}), pipeline.Name("counter"))

	client := pipelinetest.NewClient(new(testing.T), app)
	fmt.Println(client.Post("/counter/").Header["Location"])
	fmt.Printf("%s\n", client.Get("/counter/").Body)
	fmt.Println(client.Delete("/counter/").Header["Allow"])
	// Output:
	// [/counter/]
	// 1
	// [GET, POST, HEAD, OPTIONS]
}

// editor is a class with state of its own for each request.
type editor struct {
	name string
}

func (e *editor) Setup(c *pipeline.Ctx) error {
	if e.name = c.Param("name"); e.name == "keeper" {
		return pipeline.ErrPermissionDenied
	}
	return nil
}

func (e *editor) Get(c *pipeline.Ctx) error { return c.Text(200, "editing "+e.name) }

func ExampleNew() {
	app := pipeline.New()
	app.Path("edit/<str:name>/", views.New(func() *editor { return new(editor) }))

	client := pipelinetest.NewClient(new(testing.T), app)
	fmt.Printf("%s\n", client.Get("/edit/you/").Body)
	fmt.Println(client.Get("/edit/keeper/").Status)
	// Output:
	// editing you
	// 403
}

func ExampleListView() {
	pages, err := views.HTML(fstest.MapFS{"list.html": {Data: []byte(`{{range .object_list}}{{.}} {{end}}({{.page_obj}})`)}}, "*.html")
	if err != nil {
		panic(err)
	}
	app := pipeline.New()
	app.Path("", views.View(&views.ListView[string]{
		Templates: pages, Template: "list.html", PageSize: 2,
		Objects: func(*pipeline.Ctx) (views.Source[string], error) { return views.List[string]{"a", "b", "c"}, nil },
	}))
	fmt.Printf("%s\n", pipelinetest.NewClient(new(testing.T), app).Get("/?page=2").Body)
	// Output: c (page 2 of 2)
}

func ExampleSSE() {
	app := pipeline.New()
	app.Path("events/", func(c *pipeline.Ctx) error {
		return views.SSE(c, func(e *views.EventStream) error {
			return e.Send(views.Event{ID: "1", Name: "greeting", Data: "hello\nworld"})
		})
	})
	fmt.Printf("%s", pipelinetest.NewClient(new(testing.T), app).Get("/events/").Body)
	// Output:
	// id: 1
	// event: greeting
	// data: hello
	// data: world
}
