package profile

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What is written is what pprof and the compiler read: a compressed message.
func TestWrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "cpu.pprof")
	if err := write(name, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(name); err != nil || !bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		t.Errorf("%x, %v", b, err)
	}
	if err := write(filepath.Join(name, "x"), 0); err == nil {
		t.Error("no error without a directory")
	}
}
