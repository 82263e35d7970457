package static

import (
	"errors"
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

// roots are the two ways of opening beneath: the kernel's, where it has one, and the portable one.
func roots(t testing.TB, dir string, policy Symlinks) map[string]*root {
	t.Helper()
	first, err := openRoot(dir, policy)
	if err != nil {
		t.Fatal(err)
	}
	held, err := openDirPortable(dir)
	if err != nil {
		t.Fatal(err)
	}
	if held.id != first.held.id {
		t.Fatalf("the root is %v to one and %v to the other", first.held.id, held.id)
	}
	t.Cleanup(func() { first.held.close(); held.close() })
	return map[string]*root{"default": first, "portable": {dir: dir, policy: policy, held: held}}
}

func TestOpenBeneath(t *testing.T) {
	dir := maze(t)
	for _, c := range []struct {
		path                  string
		beneath, none, follow int
	}{
		{"f", 200, 200, 200}, {"a/f", 200, 200, 200}, {"", 200, 200, 200}, {"a", 200, 200, 200}, {"a//f", 200, 200, 200}, {"./f", 200, 200, 200},
		{"none", 404, 404, 404}, {"f/x", 404, 404, 404}, {strings.Repeat("x", 300), 404, 404, 404}, {"f\x00", 404, 404, 404},
		{strings.Repeat("d/", 3000), 404, 404, 404}, {"fifo", 403, 403, 403}, {"self", 403, 403, 403},
		{"c/in/f", 200, 403, 200}, {"back", 200, 403, 200},
		{"out", 403, 403, 200}, {"abs", 403, 403, 200}, {"up/secret", 403, 403, 200}, {"a/up/secret", 403, 403, 200}, {"a/out/secret", 403, 403, 200},
		{"../secret", 403, 403, 403}, {"a/../../secret", 403, 403, 403}, {"..", 403, 403, 403}, {"a/..", 403, 403, 403}, {"/etc/passwd", 403, 403, 403}, {"/", 403, 403, 403},
	} {
		for policy, status := range []int{Beneath: c.beneath, None: c.none, Follow: c.follow, SameOwner: c.follow} {
			for name, r := range roots(t, dir, Symlinks(policy)) {
				begin := time.Now()
				if got, err := tryOpen(t, r, c.path); got != status {
					t.Errorf("%s, policy %d: %.40q: %d (%v), want %d", name, policy, c.path, got, err, status)
				}
				if time.Since(begin) > time.Minute {
					t.Errorf("%s: %q waited", name, c.path)
				}
			}
		}
	}
}

// tryOpen returns the status that opening a path comes to. What is opened by any policy but Follow must lie within.
func tryOpen(t *testing.T, r *root, path string) (int, error) {
	t.Helper()
	fd, info, err := r.open(path)
	if err != nil {
		return statusOf(err), err
	}
	defer func() { _ = syscall.Close(fd) }()
	if !info.dir && r.policy < Follow {
		if b, err := readWhole(fd, info.size); err != nil || string(b) != "inside" {
			t.Errorf("policy %d: %q: %q %v", r.policy, path, b, err)
		}
	}
	return 200, nil
}

// A root whose name comes to stand for another directory is followed there: a link turned to the next release, a directory
// removed and made anew. While there is none, the old one stays.
func TestRootReplaced(t *testing.T) {
	top := t.TempDir()
	at := func(name string) string { return filepath.Join(top, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, release := range []string{"one", "two", "three"} {
		must(os.Mkdir(at(release), 0o755))
		must(os.WriteFile(at(release+"/f"), []byte(release), 0o644))
	}
	must(os.Symlink("one", at("current")))
	for _, policy := range []Symlinks{Beneath, None, Follow} {
		for name, r := range roots(t, at("current"), policy) {
			content := func() string {
				fd, info, err := r.open("f")
				if err != nil {
					return err.Error()
				}
				defer func() { _ = syscall.Close(fd) }()
				b, err := readWhole(fd, info.size)
				must(err)
				return string(b)
			}
			expect := func(want string) {
				t.Helper()
				if got := content(); got != want {
					t.Errorf("%s, policy %d: %q, want %q", name, policy, got, want)
				}
			}
			expect("one")
			must(os.Symlink("two", at("next")))
			must(os.Rename(at("next"), at("current")))
			expect("two")
			must(os.Remove(at("current")))
			must(os.Rename(at("three"), at("current")))
			expect("three")
			must(os.Rename(at("current"), at("three")))
			if r.policy == Beneath {
				expect("three")
			}
			must(os.Symlink("one", at("current")))
			expect("one")
		}
	}
}

// A root that cannot be opened when it is needed says why, so that one that must not be seen is not told of as missing. It is
// used as soon as it is there.
func TestRootNotOpened(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "root")
	r := &root{dir: dir, held: dirHandle{fd: -1}}
	t.Cleanup(r.drop)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	expect := func(status int, why error) {
		t.Helper()
		if got, err := tryOpen(t, r, "f"); got != status || why != nil && !errors.Is(err, why) {
			t.Errorf("%d (%v), want %d (%v)", got, err, status, why)
		}
	}
	expect(404, syscall.ENOENT)
	must(os.Symlink("root", dir))
	expect(403, syscall.ELOOP)
	must(os.Remove(dir))
	must(os.WriteFile(dir, nil, 0o644))
	expect(404, syscall.ENOTDIR)
	must(os.Remove(dir))
	must(os.Mkdir(dir, 0o755))
	must(os.WriteFile(filepath.Join(dir, "f"), []byte("inside"), 0o644))
	expect(200, nil)
}

// No path leads out.
func FuzzOpenBeneath(f *testing.F) {
	dir := maze(f)
	var all []*root
	for _, policy := range []Symlinks{Beneath, None} {
		for _, r := range roots(f, dir, policy) {
			all = append(all, r)
		}
	}
	for _, s := range []string{"f", "../secret", "a/../../secret", "up/secret", "a/up/up/secret", "c/in/out/secret", "proc/secret", "a/b/../../f", "./f", "a//f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		for _, r := range all {
			_, _ = tryOpen(t, r, path)
		}
	})
}

// With SameOwner a link leads only to what belongs to its owner, on the way as at the end.
func TestOpenSameOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give links away")
	}
	dir := t.TempDir()
	for name, target := range map[string]string{"own": "f", "theirs": "f", "ownDir": "d", "theirDir": "d"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"f", "d/f"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"theirs", "theirDir"} {
		if err := os.Lchown(filepath.Join(dir, name), 12345, 12345); err != nil {
			t.Skip(err)
		}
	}
	for path, want := range map[string]int{"f": 200, "own": 200, "theirs": 403, "ownDir/f": 200, "theirDir/f": 403, "d/f": 200} {
		for name, r := range roots(t, dir, SameOwner) {
			if got, err := tryOpen(t, r, path); got != want {
				t.Errorf("%s: %s: %d (%v)", name, path, got, err)
			}
		}
	}
}
