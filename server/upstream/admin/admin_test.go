package admin

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/upstream"
)

func newHandler(t *testing.T) (*Handler, *upstream.Group) {
	t.Helper()
	g, err := upstream.New(upstream.Config{Name: "backend", Zone: "z", Queue: 3, Servers: []upstream.ServerConfig{
		{Address: "10.0.0.1", Weight: 5, MaxConns: 9, Route: "r1"},
		{Address: "10.0.0.2:81", Backup: true, MaxFails: -1, FailTimeout: 1500 * time.Millisecond},
		{Address: "late.example:80", Resolve: true, Down: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return &Handler{Prefix: "/api/9", Groups: func() []*upstream.Group { return []*upstream.Group{g} }}, g
}

const (
	servers = "/api/9/http/upstreams/backend/servers/"
	first   = `{"id":0,"server":"10.0.0.1:80","weight":5,"max_conns":9,"max_fails":1,"fail_timeout":"10s","slow_start":"0s",` +
		`"route":"r1","backup":false,"down":false}`
	second = `{"id":1,"server":"10.0.0.2:81","weight":1,"max_conns":0,"max_fails":0,"fail_timeout":"1500ms","slow_start":"0s",` +
		`"route":"","backup":true,"down":false}`
	late = `{"id":2,"server":"late.example:80","weight":1,"max_conns":0,"max_fails":1,"fail_timeout":"10s","slow_start":"0s",` +
		`"route":"","backup":false,"down":true,"host":"late.example:80"}`
)

func TestPaths(t *testing.T) {
	h, _ := newHandler(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string // the body, or, with a leading ~, a part of it
	}{
		{"GET", "/api/9/", "", 200, `["http"]`},
		{"GET", "/api/9/http", "", 200, `["upstreams"]`},
		{"GET", "/api/8/http", "", 404, `~"code":"PathNotFound"`},
		{"GET", "/api/9/stream", "", 404, `~"code":"PathNotFound"`},
		{"GET", "/api/9/http/upstreams/nobody/", "", 404, `~"code":"UpstreamNotFound"`},
		{"GET", "/api/9/http/upstreams/backend/what", "", 404, `~"code":"PathNotFound"`},
		{"GET", servers, "", 200, "[" + late + "," + first + "," + second + "]"},
		{"GET", servers + "1/", "", 200, second},
		{"HEAD", servers + "0", "", 200, first},
		{"GET", servers + "9", "", 404, `~"code":"UpstreamServerNotFound"`},
		{"GET", servers + "x", "", 400, `~"code":"UpstreamBadServerId"`},
		{"GET", servers + "-1", "", 400, `~"code":"UpstreamBadServerId"`},
		{"PUT", servers + "0", "", 405, `~"code":"MethodDisabled"`},
		{"POST", "/api/9/http/upstreams/", "", 405, `~"code":"MethodDisabled"`},
		{"PATCH", servers + "0", `{"weight":7,"drain":true}`, 200, `~"weight":7`},
		{"GET", servers + "0", "", 200, `~"drain":true`},
		{"PATCH", servers + "0", `{"down":true}`, 200, `~"down":true`},
		{"PATCH", servers + "0", `{"weight":0}`, 400, `~weight=0`},
		{"PATCH", servers + "0", `{"fail_timeout":"1m30s","slow_start":"5","max_fails":0}`, 200, `~"max_fails":0,"fail_timeout":"90s","slow_start":"5s"`},
		{"PATCH", servers + "0", `{"fail_timeout":"1.5s"}`, 400, `~invalid time`},
		{"PATCH", servers + "0", `{"route":"x"}`, 400, `~unknown field`},
		{"PATCH", servers + "0", `{} {}`, 400, `~more than one value`},
		{"PATCH", servers + "0", `{`, 400, `~"code":"UpstreamConfFormatError"`},
		{"PATCH", servers + "9", `{"weight":1}`, 404, `~"code":"UpstreamServerNotFound"`},
		{"POST", servers, `{"server":"10.0.0.3:80","weight":2,"max_fails":0}`, 201, `~"id":3,"server":"10.0.0.3:80","weight":2,"max_conns":0,"max_fails":0`},
		{"POST", servers, `{"server":"10.0.0.3:80"}`, 409, `~"code":"EntryExists"`},
		{"POST", servers, `{"server":"name.example"}`, 400, `~host not found`},
		{"POST", servers, `{"weight":1}`, 400, `~missing \"server\"`},
		{"POST", servers, `{"server":"10.0.0.4:80","weight":0}`, 400, `~invalid weight`},
		{"POST", servers, `{"server":"10.0.0.4:80","id":4}`, 400, `~cannot be set`},
		{"DELETE", servers + "3", "", 200, `~"id":1`},
		{"DELETE", servers + "3", "", 404, `~"code":"UpstreamServerNotFound"`},
		{"DELETE", "/api/9/http/upstreams/backend", "", 204, ""},
	} {
		a := h.Do(c.method, c.path, []byte(c.body))
		part, isPart := strings.CutPrefix(c.want, "~")
		if got := string(a.Body); a.Status != c.status || !isPart && got != part || !strings.Contains(got, part) {
			t.Errorf("%s %s %s: %d %s\nwant %d %s", c.method, c.path, c.body, a.Status, got, c.status, c.want)
		}
		if isPart && len(a.Body) > 0 && !json.Valid(a.Body) {
			t.Errorf("%s %s: not JSON: %s", c.method, c.path, a.Body)
		}
	}
}

func TestStatistics(t *testing.T) {
	h, g := newHandler(t)
	now := time.Date(2026, 8, 21, 13, 0, 5, 0, time.UTC).UnixMilli()
	var r upstream.Request
	p, _ := g.Pick(&r, now)
	g.Done(&r, p, upstream.Outcome{Status: 404, Header: 7 * time.Millisecond, Total: 9 * time.Millisecond, Sent: 10, Received: 20}, now)
	r.Reset()
	p, _ = g.Pick(&r, now)
	g.Done(&r, p, upstream.Outcome{Failed: true}, now)
	r.Reset()
	g.Pick(&r, now)
	got := string(h.Do("GET", "/api/9/http/upstreams/", nil).Body)
	for _, want := range []string{`{"backend":{"peers":[{"id":0,"server":"10.0.0.1:80","name":"10.0.0.1","backup":false,"weight":5,`,
		`"max_conns":9,"requests":2,"header_time":7,"response_time":9,`, `"4xx":1`, `"total":1`, `"sent":10,"received":20,"fails":1,"unavail":1`,
		`"downstart":"2026-08-21T13:00:05Z"`, `"zone":"z"`, `"queue":{"size":0,"max_size":3,"overflows":0}`, `"selected":"2026-08-21T13:00:05Z"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	h.Do("DELETE", "/api/9/http/upstreams/backend/", nil)
	if got := string(h.Do("GET", "/api/9/http/upstreams/backend/", nil).Body); !strings.Contains(got, `"requests":0`) {
		t.Errorf("after the reset: %s", got)
	}
}

func TestReadOnly(t *testing.T) {
	h, g := newHandler(t)
	h.ReadOnly = true
	for _, c := range [][2]string{{"POST", ""}, {"PATCH", "0"}, {"DELETE", "0"}} {
		if a := h.Do(c[0], servers+c[1], []byte(`{"server":"10.0.0.9:80"}`)); a.Status != 405 || a.Allow != "GET" {
			t.Errorf("%s: %d, Allow %s", c[0], a.Status, a.Allow)
		}
	}
	if n := len(g.Snapshot(0).Peers); n != 2 {
		t.Errorf("%d peers", n)
	}
}

func TestNamesAreGivenToTheResolver(t *testing.T) {
	h, g := newHandler(t)
	h.Resolve = func(g *upstream.Group) func(id int) {
		return func(id int) {
			if err := g.SetAddrs(id, upstream.Addrs("10.1.0.1:80", "10.1.0.2:80"), 0); err != nil {
				t.Error(err)
			}
		}
	}
	a := h.Do("POST", servers, []byte(`{"server":"name.example:80"}`))
	if a.Status != 201 || a.Location != servers+"3/" {
		t.Fatalf("%d %s %s", a.Status, a.Location, a.Body)
	}
	if n := len(g.Snapshot(0).Peers); n != 4 {
		t.Errorf("%d peers", n)
	}
	if got := string(h.Do("GET", servers+"4", nil).Body); !strings.Contains(got, `"parent":3`) {
		t.Errorf("got %s", got)
	}
	if a := h.Do("DELETE", servers+"4", nil); a.Status != 400 || !strings.Contains(string(a.Body), "UpstreamServerImmutable") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func TestHandle(t *testing.T) {
	h, _ := newHandler(t)
	app := pipeline.New()
	app.Mount("/api", h.Handle)
	client := pipelinetest.NewClient(t, app)
	client.Get(servers+"1").AssertStatus(200).AssertHeader("Content-Type", "application/json").AssertBody(second)
	client.Do("PUT", servers).AssertStatus(405).AssertHeader("Allow", "GET, POST")
}
