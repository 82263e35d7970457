package http1

import (
	"syscall"
	"testing"
)

// The input of every golden lies at the very end of a mapped page, and the page behind it cannot be read: one byte too far
// and the test dies. Go checks bounds, so this guards the day somebody reaches for unsafe; and the spans, whose end is the
// slice's.
func TestGuardPage(t *testing.T) {
	page := syscall.Getpagesize()
	const pages = 4
	mem, err := syscall.Mmap(-1, 0, (pages+1)*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip(err)
	}
	defer syscall.Munmap(mem)
	if err := syscall.Mprotect(mem[pages*page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range goldenFiles(t) {
		for _, g := range readGoldens(t, file) {
			at := pages*page - len(g.input)
			if at < 0 {
				t.Fatal("a golden of more than four pages:", g.title)
			}
			input := mem[at : pages*page : pages*page]
			copy(input, g.input)
			d := newDriver(goldenLimits(file))
			d.feed(input)
			if d.text() != g.events {
				t.Errorf("%s:\n%s\nwant\n%s", g.title, d.text(), g.events)
			}
			checked++
		}
	}
	if checked < 200 {
		t.Errorf("%d goldens", checked)
	}
}
