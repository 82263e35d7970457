package pool

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestFileReadAt(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := syscall.Open(name, syscall.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := NewFile(fd)
	b := make([]byte, 4)
	if n, err := f.ReadAt(b, 3); n != 4 || err != nil || string(b) != "3456" {
		t.Errorf("%d %v %q", n, err, b)
	}
	if n, err := f.ReadAt(b, 8); n != 2 || err != io.EOF || string(b[:2]) != "89" {
		t.Errorf("at the end: %d %v %q", n, err, b)
	}
	f.Release()
	if _, err := f.ReadAt(b, 0); err == nil {
		t.Error("a closed file was read")
	}
}
