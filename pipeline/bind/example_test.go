package bind_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/bind"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// Comment is what a client sends to comment on an article.
type Comment struct {
	Article int    `path:"id"`
	Page    int    `query:"page" default:"1" validate:"min=1"`
	Author  string `form:"author" json:"author" validate:"required,max=40"`
	Email   string `form:"email" json:"email" validate:"omitempty,email"`
	Text    string `form:"text" json:"text" validate:"required"`
}

// Validate is a rule that no tag can say.
func (c *Comment) Validate() error {
	if c.Text == c.Author {
		return bind.Violation{Path: "Text", Code: "same", Message: "must not be the author's name"}
	}
	return nil
}

func comment(c *pipeline.Ctx) error {
	in, err := bind.Into[Comment](c)
	if err != nil {
		return err // answered as application/problem+json
	}
	return c.Text(201, fmt.Sprintf("%s on %d: %s", in.Author, in.Article, in.Text))
}

// upload keeps a picture.
func uploadPicture(c *pipeline.Ctx) error {
	c.SetBodyLimit(20 << 20)
	in, err := bind.Into[struct {
		Picture *bind.File `file:"picture" validate:"required"`
	}](c)
	if err != nil {
		return err
	}
	if err := in.Picture.SaveTo("/var/lib/app/pictures", ""); err != nil {
		return err
	}
	return c.NoContent(204)
}

func Example() {
	app := pipeline.New()
	app.Use(&bind.Binder{DisallowUnknownFields: true, Limits: bind.Limits{Fields: 50}})
	app.Path("articles/<int:id>/comments/", comment)
	app.Post("/pictures", uploadPicture)

	client := pipelinetest.NewClient(new(testing.T), app)
	form := url.Values{"author": {"Ada"}, "text": {"Well done."}}
	fmt.Printf("%s\n", client.Post("/articles/7/comments/", pipelinetest.Form(form)).Body)
	// Output:
	// Ada on 7: Well done.
}

func ExampleInto() {
	app := pipeline.New()
	app.Path("articles/<int:id>/comments/", func(c *pipeline.Ctx) error {
		_, err := bind.Into[Comment](c)
		if p, ok := err.(*bind.Problem); ok {
			for _, e := range p.Errors {
				fmt.Println(e.In, e.Pointer, e.Message)
			}
			return bind.Write(c, p)
		}
		return c.NoContent(204)
	})
	client := pipelinetest.NewClient(new(testing.T), app)
	client.Post("/articles/7/comments/?page=x", pipelinetest.Body("application/json", `{"author":"Ada","email":"ada","text":5}`))
	// Output:
	// body #/text must be a string
	// query page must be a whole number
	// body #/email must be an e-mail address
}

func ExampleReadForm() {
	app := pipeline.New()
	app.Post("/", func(c *pipeline.Ctx) error {
		form, err := bind.ReadForm(c)
		if err != nil {
			return err
		}
		f := form.File("notes")
		text, err := f.Bytes()
		if err != nil {
			return err
		}
		return c.Text(200, fmt.Sprintf("%s: %s %d %s", form.Value("title"), f.Name, f.Size, text))
	})
	client := pipelinetest.NewClient(new(testing.T), app)
	res := client.Post("/", pipelinetest.Upload(url.Values{"title": {"Notes"}},
		pipelinetest.File{Field: "notes", Name: "../notes.txt", Content: "hello"}))
	fmt.Printf("%s\n", res.Body)
	// Output:
	// Notes: notes.txt 5 hello
}
