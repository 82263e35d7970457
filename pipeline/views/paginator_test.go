package views

import (
	"errors"
	"fmt"
	"testing"
)

// numbers is a list of 1 to n.
func numbers(n int) List[int] { return appendRange(nil, 1, n) }

// The table of Django's tests/pagination test_paginator.
func TestPaginatorCountsPages(t *testing.T) {
	for _, c := range []struct {
		n, perPage, orphans int
		refuseEmpty         bool
		pages               int
	}{
		{9, 4, 0, false, 3}, {9, 4, 1, false, 2}, {9, 4, 2, false, 2}, {9, 4, 5, false, 1}, {9, 4, 6, false, 1},
		{9, 4, 0, true, 3}, {9, 4, 1, true, 2}, {9, 4, 6, true, 1},
		{1, 4, 0, false, 1}, {1, 4, 1, false, 1}, {1, 4, 2, true, 1},
		{0, 4, 0, false, 1}, {0, 4, 2, false, 1}, {0, 4, 0, true, 0}, {0, 4, 2, true, 0}, {0, 4, 2, true, 0},
		{0, 1, 0, false, 1}, {0, 1, 0, true, 0}, {1, 1, 0, false, 1}, {10, 11, 5, false, 1}, {11, 10, 1, false, 1},
		{12, 10, 1, false, 2},
	} {
		p, err := NewPaginator[int](numbers(c.n), PaginatorOptions{c.perPage, c.orphans, c.refuseEmpty})
		if err != nil {
			t.Fatal(err)
		}
		if p.Count != c.n || p.NumPages != c.pages || len(p.PageRange()) != c.pages {
			t.Errorf("%+v: %d pages, %v", c, p.NumPages, p.PageRange())
		}
	}
}

func TestPages(t *testing.T) {
	p, err := NewPaginator[int](numbers(11), PaginatorOptions{PerPage: 5, Orphans: 0})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		number         int
		objects        string
		start, end     int
		next, previous bool
	}{
		{1, "[1 2 3 4 5]", 1, 5, true, false},
		{2, "[6 7 8 9 10]", 6, 10, true, true},
		{3, "[11]", 11, 11, false, true},
	} {
		page, err := p.Page(c.number)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(page.Objects) != c.objects || page.StartIndex() != c.start || page.EndIndex() != c.end ||
			page.HasNext() != c.next || page.HasPrevious() != c.previous || !page.HasOtherPages() {
			t.Errorf("%s: %v, %d to %d", page, page.Objects, page.StartIndex(), page.EndIndex())
		}
		if n, err := page.Next(); n != c.number+1 || (err == nil) != c.next {
			t.Errorf("%s: next %d %v", page, n, err)
		}
		if n, err := page.Previous(); n != c.number-1 || (err == nil) != c.previous {
			t.Errorf("%s: previous %d %v", page, n, err)
		}
	}
	orphaned, _ := NewPaginator[int](numbers(11), PaginatorOptions{PerPage: 5, Orphans: 1})
	page, err := orphaned.Page(2)
	if err != nil || len(page.Objects) != 6 || page.EndIndex() != 11 || page.HasNext() {
		t.Errorf("%v %v", page, err)
	}
	empty, _ := NewPaginator[int](numbers(0), PaginatorOptions{PerPage: 5})
	page, err = empty.Page(1)
	if err != nil || len(page.Objects) != 0 || page.StartIndex() != 0 || page.EndIndex() != 0 || page.HasOtherPages() {
		t.Errorf("%v %v", page, err)
	}
}

func TestPageNumbersOfClients(t *testing.T) {
	p, _ := NewPaginator[int](numbers(11), PaginatorOptions{PerPage: 5})
	for _, c := range []struct {
		text string
		page int   // of PageOf, 0 when it fails
		err  error // then
		get  int
	}{
		{"1", 1, nil, 1}, {"3", 3, nil, 3}, {"last", 3, nil, 1},
		{"4", 0, ErrEmptyPage, 3}, {"0", 0, ErrEmptyPage, 3}, {"-1", 0, ErrEmptyPage, 3},
		{"", 0, ErrPageNotAnInteger, 1}, {"x", 0, ErrPageNotAnInteger, 1}, {"1.5", 0, ErrPageNotAnInteger, 1},
		{"99999999999999999999", 0, ErrInvalidPage, 3},
	} {
		page, err := p.PageOf(c.text)
		if !errors.Is(err, c.err) || c.err != nil && !errors.Is(err, ErrInvalidPage) || page != nil && page.Number != c.page {
			t.Errorf("PageOf(%q): %v, %v", c.text, page, err)
		}
		page, err = p.GetPage(c.text)
		if err != nil || page.Number != c.get {
			t.Errorf("GetPage(%q): %v, %v", c.text, page, err)
		}
	}
	empty, _ := NewPaginator[int](numbers(0), PaginatorOptions{PerPage: 5, RefuseEmpty: true})
	if _, err := empty.GetPage("1"); !errors.Is(err, ErrEmptyPage) {
		t.Errorf("%v", err)
	}
}

// The ranges of Django's tests/pagination test_get_elided_page_range, 0 for the ellipsis.
func TestElidedRange(t *testing.T) {
	for _, c := range []struct {
		pages, number, side, ends int
		want                      string
	}{
		{2, 2, 3, 2, "[1 2]"},
		{10, 5, 3, 2, "[1 2 3 4 5 6 7 8 9 10]"},
		{50, 1, 3, 2, "[1 2 3 4 0 49 50]"},
		{50, 6, 3, 2, "[1 2 3 4 5 6 7 8 9 0 49 50]"},
		{50, 7, 3, 2, "[1 2 3 4 5 6 7 8 9 10 0 49 50]"},
		{50, 8, 3, 2, "[1 2 0 5 6 7 8 9 10 11 0 49 50]"},
		{50, 43, 3, 2, "[1 2 0 40 41 42 43 44 45 46 0 49 50]"},
		{50, 44, 3, 2, "[1 2 0 41 42 43 44 45 46 47 48 49 50]"},
		{50, 50, 3, 2, "[1 2 0 47 48 49 50]"},
		{50, 1, 1, 3, "[1 2 0 48 49 50]"},
		{50, 5, 1, 3, "[1 2 3 4 5 6 0 48 49 50]"},
		{50, 25, 0, 0, "[0 25 0]"},
		{30, 10, 3, 2, "[1 2 0 7 8 9 10 11 12 13 0 29 30]"},
	} {
		p, _ := NewPaginator[int](numbers(c.pages), PaginatorOptions{PerPage: 1})
		got, err := p.ElidedRange(c.number, c.side, c.ends)
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	p, _ := NewPaginator[int](numbers(3), PaginatorOptions{PerPage: 1})
	if _, err := p.ElidedRange(4, 3, 2); !errors.Is(err, ErrEmptyPage) {
		t.Errorf("%v", err)
	}
}

// broke is a source that fails.
type broke struct{ count error }

var errBroke = errors.New("the database is away")

func (b broke) Count() (int, error)             { return 3, b.count }
func (broke) Slice(from, to int) ([]int, error) { return nil, errBroke }

func TestPaginatorPassesErrorsOn(t *testing.T) {
	for _, o := range []PaginatorOptions{{PerPage: 0}, {PerPage: 1, Orphans: -1}} {
		if _, err := NewPaginator[int](numbers(1), o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	if _, err := NewPaginator[int](broke{errBroke}, PaginatorOptions{PerPage: 1}); !errors.Is(err, errBroke) {
		t.Errorf("%v", err)
	}
	p, err := NewPaginator[int](broke{}, PaginatorOptions{PerPage: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.GetPage("1"); !errors.Is(err, errBroke) {
		t.Errorf("%v", err)
	}
}
