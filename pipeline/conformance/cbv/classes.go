package cbv

import (
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/views"
)

// ranKey is where a verb notes its name.
type ranKey struct{}

func run(name string, c *pipeline.Ctx) error {
	c.Set(ranKey{}, name)
	return c.Text(200, name)
}

// verbs is a class of functions with the named verbs.
func verbs(names []string) views.Verbs {
	var v views.Verbs
	for _, name := range names {
		h := func(c *pipeline.Ctx) error { return run(name, c) }
		switch name {
		case "get":
			v.Get = h
		case "post":
			v.Post = h
		case "put":
			v.Put = h
		case "patch":
			v.Patch = h
		case "delete":
			v.Delete = h
		case "head":
			v.Head = h
		case "options":
			v.Options = h
		case "trace":
			v.Trace = h
		}
	}
	return v
}

// One type for each verb; a class of several embeds them.
type (
	get     struct{}
	post    struct{}
	put     struct{}
	patch   struct{}
	remove  struct{}
	head    struct{}
	options struct{}
	trace   struct{}
)

func (get) Get(c *pipeline.Ctx) error         { return run("get", c) }
func (post) Post(c *pipeline.Ctx) error       { return run("post", c) }
func (put) Put(c *pipeline.Ctx) error         { return run("put", c) }
func (patch) Patch(c *pipeline.Ctx) error     { return run("patch", c) }
func (remove) Delete(c *pipeline.Ctx) error   { return run("delete", c) }
func (head) Head(c *pipeline.Ctx) error       { return run("head", c) }
func (options) Options(c *pipeline.Ctx) error { return run("options", c) }
func (trace) Trace(c *pipeline.Ctx) error     { return run("trace", c) }

// classes are classes of methods by their verbs, as the lines name them.
var classes = map[string]any{
	"get":     get{},
	"post":    post{},
	"head":    head{},
	"options": options{},
	"trace":   trace{},
	"get post": struct {
		get
		post
	}{},
	"get head": struct {
		get
		head
	}{},
	"get options": struct {
		get
		options
	}{},
	"put patch delete": struct {
		put
		patch
		remove
	}{},
	"get post put patch delete head options trace": struct {
		get
		post
		put
		patch
		remove
		head
		options
		trace
	}{},
}
