package static

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// maze is a directory whose links lead everywhere, with a secret outside.
func maze(t testing.TB) string {
	t.Helper()
	top := t.TempDir()
	dir := filepath.Join(top, "root")
	for _, d := range []string{"root/a/b", "root/c", "outside"} {
		if err := os.MkdirAll(filepath.Join(top, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string]string{"root/f": "inside", "root/a/f": "inside", "root/a/b/f": "inside", "secret": "SECRET", "outside/secret": "SECRET"} {
		if err := os.WriteFile(filepath.Join(top, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"up": "..", "out": "../secret", "abs": filepath.Join(top, "secret"), "self": "self", "back": "a/../f",
		"a/up": "../..", "a/out": "../../outside", "c/in": "../a", "proc": "/proc/self/cwd"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// roots are the two ways of opening beneath: the kernel's, where it has one, and os.Root.
func roots(t testing.TB, dir string, policy Symlinks) map[string]*root {
	t.Helper()
	first, err := openRoot(dir, policy)
	if err != nil {
		t.Fatal(err)
	}
	std, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*root{"default": first, "os.Root": {dir: dir, fd: -1, os: std, policy: policy}}
}

func TestOpenBeneath(t *testing.T) {
	dir := maze(t)
	for name, r := range roots(t, dir, Beneath) {
		for path, status := range map[string]int{
			"f": 200, "a/f": 200, "c/in/f": 200, "back": 200, "": 200, "a": 200,
			"none": 404, "f/x": 404, strings.Repeat("x", 300): 404,
			"out": 403, "abs": 403, "up/secret": 403, "a/up/secret": 403, "a/out/secret": 403, "self": 403, "fifo": 403, "../secret": 403, "/etc/passwd": 403,
		} {
			begin := time.Now()
			fd, info, err := r.open(path)
			got := 200
			if err != nil {
				got = statusOf(err)
			} else {
				if !info.dir {
					if b, err := readWhole(fd, info.size); err != nil || string(b) != "inside" {
						t.Errorf("%s: %q: %q %v", name, path, b, err)
					}
				}
				_ = syscall.Close(fd)
			}
			if got != status {
				t.Errorf("%s: %q: %d (%v), want %d", name, path, got, err, status)
			}
			if time.Since(begin) > 2*time.Second {
				t.Errorf("%s: %q waited", name, path)
			}
		}
	}
}

// No path leads out.
func FuzzOpenBeneath(f *testing.F) {
	dir := maze(f)
	all := roots(f, dir, Beneath)
	for _, s := range []string{"f", "../secret", "a/../../secret", "up/secret", "a/up/up/secret", "c/in/out/secret", "proc/secret", "a/b/../../f", "./f", "a//f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if strings.HasPrefix(path, "proc/self") {
			return
		}
		for name, r := range all {
			fd, info, err := r.open(path)
			if err != nil {
				statusOf(err)
				continue
			}
			if !info.dir {
				if b, err := readWhole(fd, info.size); err != nil || string(b) != "inside" {
					t.Errorf("%s: %q gave %q, %v", name, path, b, err)
				}
			}
			_ = syscall.Close(fd)
		}
	})
}
