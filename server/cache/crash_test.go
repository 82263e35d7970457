package cache

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// content is what the key k has in its n-th version: sizes from nothing to some that are spooled, and every part tells whose it is.
func content(k, n int) string {
	part := fmt.Sprintf("key %d version %d;", k, n)
	size := [...]int{0, 100, 10_000, 300_000, 1 << 20, 2 << 20}[k%6]
	return fmt.Sprintf("%d\n", n) + strings.Repeat(part, size/len(part))
}

// TestMain is the child of TestKill as well.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CACHE_TEST_CHILD"); dir != "" {
		fill(dir)
	}
	os.Exit(m.Run())
}

// fill writes versions of entries until it is killed.
func fill(dir string) {
	z, err := Open(Config{Name: "c", KeysZone: 1 << 20, Path: dir, Levels: []int{1}, Inactive: century})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("begun")
	for n := 0; ; n++ {
		k := n % 24
		var r Request
		r.Reset(z, KeyOf(fmt.Appendf(nil, "k%d", k)), nil, 1)
		r.Lookup(ms)
		if n%5 == 4 && r.Entry() != nil {
			r.Refresh(Meta{Valid: t0 + int64(n)}, nil)
		} else if w := r.Begin(Meta{Valid: t0 + 1000}, fmt.Appendf(nil, "X-Head: k%d", k), -1); w != nil {
			for p := []byte(content(k, n)); len(p) > 0; p = p[min(len(p), 64<<10):] {
				w.Write(p[:min(len(p), 64<<10)])
			}
			w.Commit(ms)
		}
		r.Release()
	}
}

// A process that is killed at any moment leaves entries that are whole, and nothing else once they are loaded.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	served := 0
	for round := range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "CACHE_TEST_CHILD="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var line [6]byte
		if _, err := out.Read(line[:]); err != nil || string(line[:5]) != "begun" {
			t.Fatalf("the child says %q, %v", line, err)
		}
		time.Sleep(time.Duration(20+17*round) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		served += checkKilled(t, dir)
	}
	if served == 0 {
		t.Error("nothing was ever stored")
	}
}

func checkKilled(t *testing.T, dir string) (served int) {
	z, err := Open(Config{Name: "c", KeysZone: 1 << 20, Path: dir, Levels: []int{1}, Inactive: century})
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for pass := range 2 { // while the loader runs, and behind it
		for k := range 24 {
			var r Request
			if v := look(&r, z, fmt.Sprintf("k%d", k), nil, ms); v != Miss {
				served++
				got, n := body(t, r.Entry()), 0
				if _, err := fmt.Sscanf(got, "%d\n", &n); err != nil || got != content(k, n) {
					t.Fatalf("pass %d: k%d is torn: %d bytes, %v", pass, k, len(got), err)
				}
			}
			r.Release()
		}
		warm(t, z)
	}
	for _, name := range files(t, z) {
		if strings.Contains(name[len(dir):], ".") {
			t.Errorf("%s is left", name)
		}
	}
	return served
}
