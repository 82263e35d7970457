package views

import "fmt"

// Page is one page of a [Paginator]. Templates use its fields and methods: {{range .page_obj.Objects}},
// {{if .page_obj.HasNext}}.
type Page[T any] struct {
	Number    int
	Objects   []T
	Paginator *Paginator[T]
}

// HasNext tells whether a page follows.
func (p *Page[T]) HasNext() bool { return p.Number < p.Paginator.NumPages }

// HasPrevious tells whether a page comes before.
func (p *Page[T]) HasPrevious() bool { return p.Number > 1 }

// HasOtherPages tells whether there is more than this page.
func (p *Page[T]) HasOtherPages() bool { return p.HasPrevious() || p.HasNext() }

// Next returns the number of the page that follows, or an error that wraps ErrEmptyPage.
func (p *Page[T]) Next() (int, error) { return p.Number + 1, p.Paginator.validate(p.Number + 1) }

// Previous returns the number of the page before, or an error that wraps ErrEmptyPage.
func (p *Page[T]) Previous() (int, error) { return p.Number - 1, p.Paginator.validate(p.Number - 1) }

// StartIndex returns the place of the first element among all, counted from 1; 0 when there are none.
func (p *Page[T]) StartIndex() int {
	if p.Paginator.Count == 0 {
		return 0
	}
	return p.Paginator.PerPage*(p.Number-1) + 1
}

// EndIndex returns the place of the last element among all, counted from 1.
func (p *Page[T]) EndIndex() int {
	if p.Number == p.Paginator.NumPages {
		return p.Paginator.Count
	}
	return p.Number * p.Paginator.PerPage
}

// Elided returns the numbers of the pages to link to: three around this one and two at the ends, Ellipsis for the rest.
func (p *Page[T]) Elided() ([]int, error) { return p.Paginator.ElidedRange(p.Number, 3, 2) }

// String is "page 2 of 5".
func (p *Page[T]) String() string {
	return fmt.Sprintf("page %d of %d", p.Number, p.Paginator.NumPages)
}
