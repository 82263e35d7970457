package views

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
)

// HTMLOptions are the rest of what [HTML] can be told.
type HTMLOptions struct {
	// Shared are patterns of files whose templates every page has beside its own: layouts and parts of pages.
	Shared []string
	// Funcs are functions that templates can call.
	Funcs template.FuncMap
	// Reload reads the files again for every page: for development, so that a change shows without a restart.
	Reload bool
}

// HTMLTemplates is a [Templates] of html/template, which escapes by context. Each file is a page with a set of templates of
// its own, so two pages may both define "content":
//
//	layout.html   <title>{{block "title" .}}Shop{{end}}</title> {{block "content" .}}{{end}}
//	list.html     {{template "layout.html" .}} {{define "content"}} ... {{end}}
//
// where layout.html is Shared. A page is named by its path in the file system; see fs.Sub for a shorter one.
type HTMLTemplates struct {
	fsys     fs.FS
	patterns []string
	options  HTMLOptions
	pages    map[string]*template.Template // not changed after load
}

// HTML parses the files of fsys that match any of the patterns (fs.Glob). Every pattern must match a file.
func HTML(fsys fs.FS, patterns ...string) (*HTMLTemplates, error) {
	return HTMLWith(HTMLOptions{}, fsys, patterns...)
}

// HTMLWith is [HTML] with options.
func HTMLWith(o HTMLOptions, fsys fs.FS, patterns ...string) (*HTMLTemplates, error) {
	t := &HTMLTemplates{fsys: fsys, patterns: patterns, options: o}
	pages, err := t.parse()
	if err != nil {
		return nil, err
	}
	t.pages = pages
	return t, nil
}

// ErrNoTemplate is wrapped by the error of rendering a name that no file has (Django: TemplateDoesNotExist).
var ErrNoTemplate = errors.New("no such template")

// Render executes the page called name. What it wrote before an error is not to be used.
func (t *HTMLTemplates) Render(w io.Writer, name string, data any) error {
	pages := t.pages
	if t.options.Reload {
		var err error
		if pages, err = t.parse(); err != nil {
			return err
		}
	}
	page := pages[name]
	if page == nil {
		return fmt.Errorf("%w: %q", ErrNoTemplate, name)
	}
	return page.Execute(w, data)
}

// parse reads all files.
func (t *HTMLTemplates) parse() (map[string]*template.Template, error) {
	shared := template.New("").Funcs(t.options.Funcs)
	err := t.each(t.options.Shared, func(name, text string) error {
		_, err := shared.New(name).Parse(text)
		return err
	})
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	err = t.each(t.patterns, func(name, text string) error {
		set, err := shared.Clone()
		if err == nil {
			pages[name], err = set.New(name).Parse(text)
		}
		return err
	})
	return pages, err
}

// each calls f with the name and the text of every file that a pattern matches.
func (t *HTMLTemplates) each(patterns []string, f func(name, text string) error) error {
	for _, pattern := range patterns {
		names, err := fs.Glob(t.fsys, pattern)
		if err == nil && len(names) == 0 {
			err = fs.ErrNotExist
		}
		if err != nil {
			return fmt.Errorf("views: templates %q: %w", pattern, err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(t.fsys, name)
			if err == nil {
				err = f(name, string(text))
			}
			if err != nil {
				return fmt.Errorf("views: template %s: %w", name, err)
			}
		}
	}
	return nil
}
