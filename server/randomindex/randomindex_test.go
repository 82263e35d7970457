package randomindex_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
	"github.com/wheelpit/wheelpit/server/randomindex"
)

// tree makes a root with a directory of files, one of what is none, and an empty one.
func tree(t *testing.T) string {
	root := t.TempDir()
	for _, name := range []string{"d/a", "d/b", "d/c", "d/.hidden", "d/sub/x", "none/.dot", "none/sub/y", "empty/sub/.keep", "file"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"d/link": "a", "d/dangling": "nowhere", "d/dirlink": "sub"} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func index(t *testing.T, root string, log func(*pipeline.Ctx, slog.Level, string)) *randomindex.Index {
	t.Helper()
	x, err := randomindex.New(randomindex.Config{Log: log, Dir: func(c *pipeline.Ctx, dst []byte) []byte { return append(append(dst, root...), c.PathView()...) }})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestChoose(t *testing.T) {
	root := tree(t)
	message := ""
	x := index(t, root, func(_ *pipeline.Ctx, _ slog.Level, m string) { message = m })
	for _, c := range []struct {
		method, path, want string // want has the prefix of the path that comes out, or a status
	}{
		{"GET", "/d/", "/d/"}, {"HEAD", "/d/", "/d/"}, {"POST", "/d/", "/d/"}, {"PUT", "/d/", ""}, {"GET", "/d", ""}, {"GET", "/none/", ""}, {"GET", "/empty/", ""},
		{"GET", "/missing/", "404"}, {"GET", "/file/", "404"}, {"GET", "/" + strings.Repeat("n", 300) + "/", "404"},
	} {
		message = ""
		ctx := pipelinetest.NewCtx(t, c.method, c.path)
		got, err := x.Choose(ctx)
		if e, ok := err.(*pipeline.Error); ok {
			if e.Status != 404 || c.want != "404" || !strings.HasPrefix(message, `opendir() "`+root) {
				t.Errorf("%s %s: %v, %s", c.method, c.path, err, message)
			}
			continue
		}
		if err != nil || !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%s %s: %q, %v", c.method, c.path, got, err)
		}
	}
	seen := map[string]int{}
	for range 4000 {
		got, err := x.Choose(pipelinetest.NewCtx(t, "GET", "/d/"))
		if err != nil {
			t.Fatal(err)
		}
		seen[got]++
	}
	for _, name := range []string{"/d/a", "/d/b", "/d/c", "/d/link"} {
		if n := seen[name]; n < 800 || n > 1200 { // six standard deviations of 1000
			t.Errorf("%s came %d times of 4000", name, n)
		}
	}
	if len(seen) != 4 {
		t.Errorf("%v", seen)
	}
}

func TestHook(t *testing.T) {
	app := pipeline.New()
	app.Use(index(t, tree(t), nil))
	app.Path("<path:p>", func(c *pipeline.Ctx) error { return c.Text(200, c.Path()) })
	client := pipelinetest.NewClient(t, app)
	if got := string(client.Get("/d/?q").Body); len(got) < 4 || got[:3] != "/d/" {
		t.Errorf("%s", got)
	}
	client.Get("/none/").AssertBody("/none/")
	client.Get("/missing/").AssertStatus(404)
	if _, err := randomindex.New(randomindex.Config{}); err == nil {
		t.Error("no directory")
	}
}

// Which names can come out at all, and which statuses.
func TestAgainstNginx(t *testing.T) {
	root := tree(t)
	s := nginxtest.Start(t, t.TempDir(), "", "location / { root "+root+"; random_index on; }")
	x := index(t, root, nil)
	names := map[string]bool{}
	for range 200 {
		names[s.Do("", "GET /d/ HTTP/1.1\r\nHost: a\r\n").Body] = true
	}
	for range 200 {
		path, err := x.Choose(pipelinetest.NewCtx(t, "GET", "/d/"))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(root + path)
		if err != nil || !names[string(b)] {
			t.Fatalf("%s, which nginx never gives: %v", path, names)
		}
	}
	for _, path := range []string{"/missing/", "/file/", "/none/", "/d"} {
		want := s.Do("", "GET "+path+" HTTP/1.1\r\nHost: a\r\n").Status
		got, err := x.Choose(pipelinetest.NewCtx(t, "GET", path))
		if e, ok := err.(*pipeline.Error); ok != (want == 404) || ok && e.Status != want || got != "" {
			t.Errorf("%s: %q %v, nginx %d", path, got, err, want)
		}
	}
}
