package main

import (
	"fmt"
	"io/fs"
	"slices"
	"sync"
)

type article struct {
	ID          int64
	Title, Text string
}

// blog is where a database would be.
type blog struct {
	articles []article

	mu    sync.Mutex // guards texts
	texts []string
}

func newBlog(articles int) *blog {
	b := &blog{texts: []string{"first"}}
	for id := int64(1); id <= int64(articles); id++ {
		b.articles = append(b.articles, article{id, fmt.Sprintf("Article <%d>", id), "Once upon a time."})
	}
	return b
}

func (b *blog) article(id int64) (article, error) {
	if id < 1 || id > int64(len(b.articles)) {
		return article{}, fmt.Errorf("article %d: %w", id, fs.ErrNotExist)
	}
	return b.articles[id-1], nil
}

func (b *blog) comments() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.texts)
}

func (b *blog) comment(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.texts = append(b.texts, text)
}
