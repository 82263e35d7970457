package mirror_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/mirror"
)

// site mirrors /main to c's URIs, whose requests it describes on the channel.
func site(t *testing.T, c mirror.Config) (*pipelinetest.Client, chan string) {
	t.Helper()
	m, err := mirror.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if m.NeedsWorker() != c.Body {
		t.Error("a worker is needed to read bodies only")
	}
	copies := make(chan string, 100)
	app := pipeline.New()
	app.Use(m)
	app.Path("copy/<slug:name>", func(c *pipeline.Ctx) error {
		body, _ := c.Body()
		copies <- fmt.Sprintf("%s %s ?%s name=%s body=%q", c.Method(), c.Path(), c.QueryBytes(), c.Header("X-Name"), body)
		return c.Text(500, "nobody looks at it")
	})
	app.Path("main", func(c *pipeline.Ctx) error {
		body, err := c.Body()
		if err != nil {
			return err
		}
		return c.Text(200, "main "+string(body))
	})
	client := pipelinetest.NewClient(t, app)
	client.AllowErrors = true
	return client, copies
}

// take waits for n copies, in the order of their text.
func take(t *testing.T, copies chan string, n int) []string {
	t.Helper()
	var list []string
	for range n {
		select {
		case s := <-copies:
			list = append(list, s)
		case <-time.After(time.Minute):
			t.Fatalf("%d of %d copies", len(list), n)
		}
	}
	slices.Sort(list)
	return list
}

func TestMirror(t *testing.T) {
	name := pipelinetest.Header("X-Name", "alice")
	for _, c := range []struct {
		body bool
		want string
	}{
		{true, `POST /copy/a ?q=1 name=alice body="content", POST /copy/b ?q=1 name=alice body="content"`},
		{false, `POST /copy/a ?q=1 name=alice body="", POST /copy/b ?q=1 name=alice body=""`},
	} {
		client, copies := site(t, mirror.Config{URIs: []string{"/copy/a", "/copy/b"}, Body: c.body})
		client.Post("/main?q=1", name, pipelinetest.Body("", "content")).AssertBody("main content")
		if got := strings.Join(take(t, copies, 2), ", "); got != c.want {
			t.Errorf("%s\nwant %s", got, c.want)
		}
	}
}

func TestBodyOverItsLimit(t *testing.T) {
	client, copies := site(t, mirror.Config{URIs: []string{"/copy/a"}, Body: true})
	client.Post("/main", pipelinetest.Body("", strings.Repeat("x", pipeline.DefaultBodyLimit+1))).AssertStatus(413)
	if len(copies) != 0 {
		t.Error("it is mirrored all the same")
	}
}

// More copies than may be in progress are dropped; what has ended makes room.
func TestInFlight(t *testing.T) {
	var mu sync.Mutex
	var messages []string
	var ends []func(error)
	client, _ := site(t, mirror.Config{URIs: []string{"/copy/a"}, InFlight: 2,
		Send: func(_ *pipeline.Ctx, _ pipeline.Subrequest, done func(error)) error {
			ends = append(ends, done)
			return nil
		},
		Log: func(c *pipeline.Ctx, level slog.Level, m string) {
			mu.Lock()
			messages = append(messages, fmt.Sprint(c != nil, " ", int(level), " ", m))
			mu.Unlock()
		}})
	for range 3 {
		client.Get("/main").AssertStatus(200)
	}
	if len(ends) != 2 {
		t.Fatalf("%d copies", len(ends))
	}
	ends[0](errors.New("failed"))
	if client.Get("/main"); len(ends) != 3 {
		t.Errorf("%d copies", len(ends))
	}
	want := "true 4 mirror: too many copies in progress, request is not mirrored\nfalse 8 failed"
	if got := strings.Join(messages, "\n"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []mirror.Config{{}, {URIs: []string{"off"}}, {URIs: []string{"/a", ""}}} {
		if _, err := mirror.New(c); err == nil {
			t.Errorf("%v is taken", c.URIs)
		}
	}
	broken := 0
	client, _ := site(t, mirror.Config{URIs: []string{"/copy/a"}, Log: func(*pipeline.Ctx, slog.Level, string) { broken++ },
		Send: func(*pipeline.Ctx, pipeline.Subrequest, func(error)) error { return errors.New("broken") }})
	client.Get("/main").AssertStatus(200)
	if broken != 1 {
		t.Error("nobody is told")
	}
}
