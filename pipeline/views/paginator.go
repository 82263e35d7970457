package views

import (
	"errors"
	"fmt"
	"strconv"
)

// Source is a list that can be read in parts: a slice in memory, a query. Slice returns the elements from index from up to,
// but not including, to; both lie within 0 and Count.
type Source[T any] interface {
	Count() (int, error)
	Slice(from, to int) ([]T, error)
}

// List is a slice as a [Source].
type List[T any] []T

// Count returns the length.
func (l List[T]) Count() (int, error) { return len(l), nil }

// Slice returns a part of the slice, not a copy.
func (l List[T]) Slice(from, to int) ([]T, error) { return l[from:to:to], nil }

// ErrInvalidPage is wrapped by the errors for a page that does not exist; ErrEmptyPage (beyond the last, or below 1) and
// ErrPageNotAnInteger wrap it. As the error of a view it is a 404.
var (
	ErrInvalidPage      = errors.New("views: invalid page")
	ErrEmptyPage        = fmt.Errorf("%w: no results", ErrInvalidPage)
	ErrPageNotAnInteger = fmt.Errorf("%w: not an integer", ErrInvalidPage)
)

// PaginatorOptions are those of Django's Paginator.
type PaginatorOptions struct {
	// PerPage is the number of elements on a page, at least 1.
	PerPage int
	// Orphans is the largest number of elements that are put on the page before instead of a last page of their own.
	Orphans int
	// RefuseEmpty makes even page 1 of an empty list an error (Django: allow_empty_first_page=False).
	RefuseEmpty bool
}

// Paginator splits a list into pages, numbered from 1. The list is counted once. One goroutine at a time.
type Paginator[T any] struct {
	// Count is the number of elements on all pages, NumPages that of the pages.
	Count, NumPages int
	// PerPage is the number of elements on a page.
	PerPage int

	source  Source[T]
	orphans int
}

// NewPaginator counts src.
func NewPaginator[T any](src Source[T], o PaginatorOptions) (*Paginator[T], error) {
	if o.PerPage < 1 || o.Orphans < 0 {
		return nil, fmt.Errorf("views: paginator with %d elements on a page and %d orphans", o.PerPage, o.Orphans)
	}
	n, err := src.Count()
	if err != nil {
		return nil, fmt.Errorf("views: paginator: %w", err)
	}
	p := &Paginator[T]{Count: n, PerPage: o.PerPage, source: src, orphans: o.Orphans}
	if n > 0 || !o.RefuseEmpty {
		p.NumPages = (max(1, n-o.Orphans) + o.PerPage - 1) / o.PerPage
	}
	return p, nil
}

// validate returns the error for a page that does not exist.
func (p *Paginator[T]) validate(number int) error {
	switch {
	case number < 1:
		return fmt.Errorf("%w: page %d is less than 1", ErrEmptyPage, number)
	case number > p.NumPages:
		return fmt.Errorf("%w: page %d of %d", ErrEmptyPage, number, p.NumPages)
	}
	return nil
}

// Page reads a page.
func (p *Paginator[T]) Page(number int) (*Page[T], error) {
	if err := p.validate(number); err != nil {
		return nil, err
	}
	from := (number - 1) * p.PerPage
	to := from + p.PerPage
	if to+p.orphans >= p.Count {
		to = p.Count
	}
	objects, err := p.source.Slice(from, to)
	if err != nil {
		return nil, fmt.Errorf("views: page %d: %w", number, err)
	}
	return &Page[T]{Number: number, Objects: objects, Paginator: p}, nil
}

// PageOf reads the page whose number is text as it came from a client; "last" is the last one (Django: ListView).
func (p *Paginator[T]) PageOf(text string) (*Page[T], error) {
	if text == "last" {
		return p.Page(p.NumPages)
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %q", ErrPageNotAnInteger, text)
	}
	return p.Page(number)
}

// GetPage reads the page whose number is text, whatever text is: the first for what is no integer, the last for one out
// of range. The error is that of the list, or ErrEmptyPage when it is empty and RefuseEmpty is set.
func (p *Paginator[T]) GetPage(text string) (*Page[T], error) {
	number, err := strconv.Atoi(text)
	switch {
	case errors.Is(err, strconv.ErrRange):
		number = p.NumPages
	case err != nil:
		number = 1
	case p.validate(number) != nil:
		number = p.NumPages
	}
	return p.Page(number)
}

// PageRange returns the numbers of all pages.
func (p *Paginator[T]) PageRange() []int { return appendRange(nil, 1, p.NumPages) }

// Ellipsis stands in an elided range for the pages that are left out.
const Ellipsis = 0

// ElidedRange returns the numbers of the pages around number and at both ends, with Ellipsis for those between: 1 2 … 7 8
// 9 10 11 12 13 … 29 30 for page 10 of 30 with three on each side and two on the ends, which are Django's defaults.
func (p *Paginator[T]) ElidedRange(number, onEachSide, onEnds int) ([]int, error) {
	if err := p.validate(number); err != nil {
		return nil, err
	}
	if p.NumPages <= (onEachSide+onEnds)*2 {
		return p.PageRange(), nil
	}
	var pages []int
	if number > 1+onEachSide+onEnds+1 {
		pages = append(appendRange(pages, 1, onEnds), Ellipsis)
		pages = appendRange(pages, number-onEachSide, number)
	} else {
		pages = appendRange(pages, 1, number)
	}
	if number < p.NumPages-onEachSide-onEnds-1 {
		pages = append(appendRange(pages, number+1, number+onEachSide), Ellipsis)
		return appendRange(pages, p.NumPages-onEnds+1, p.NumPages), nil
	}
	return appendRange(pages, number+1, p.NumPages), nil
}

// appendRange appends the integers from first to last.
func appendRange(to []int, first, last int) []int {
	for n := first; n <= last; n++ {
		to = append(to, n)
	}
	return to
}
