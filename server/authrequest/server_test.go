package authrequest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/access"
	"github.com/wheelpit/wheelpit/server/authrequest"
	"github.com/wheelpit/wheelpit/server/limit"
	"github.com/wheelpit/wheelpit/server/mirror"
	"github.com/wheelpit/wheelpit/server/realip"
	"github.com/wheelpit/wheelpit/server/userid"
)

// must returns what a constructor made.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// All phase hooks together in a running server, under load: the answers, the copies and the counts belong to their requests.
func TestInAServer(t *testing.T) {
	var mirrored, inFlight, most atomic.Int64
	zone := must[*limit.ConnZone](t)(limit.NewConnZone(limit.ZoneConfig{Name: "c", Size: limit.MinZone, Key: limit.ByClient}, nil))
	rates := must[*limit.ReqZone](t)(limit.NewReqZone(limit.ZoneConfig{Name: "r", Size: limit.MinZone, Key: limit.ByClient, Rate: limit.MaxRate}, nil))
	auth := must[*authrequest.Auth](t)(authrequest.New(authrequest.Config{URI: "/auth", Set: []authrequest.Set{{Value: header("X-User"),
		Assign: func(c *pipeline.Ctx, v []byte) { c.Set(keptKey{}, string(v)) }}}}))
	rules := must[*access.Rules](t)(access.New([]access.Rule{{From: "198.51.100.0/24"}}, access.Options{}))
	app := pipeline.New()
	app.Use(
		must[*realip.Hook](t)(realip.New(realip.Config{From: []string{"127.0.0.0/8"}})),
		must[*limit.Req](t)(limit.NewReq(limit.ReqConfig{Limits: []limit.ReqLimit{{Zone: rates, Burst: 1000, NoDelay: true}}})),
		must[*limit.Conn](t)(limit.NewConn(limit.ConnConfig{Limits: []limit.ConnLimit{{Zone: zone, Number: 2}}})),
		must[*access.Phase](t)(access.NewPhase(access.PhaseConfig{Checks: []access.Check{rules, auth}})),
		must[*mirror.Mirror](t)(mirror.New(mirror.Config{URIs: []string{"/copy"}, Body: true})),
		must[*userid.UserID](t)(userid.New(userid.Config{Mode: userid.On})),
	)
	app.Get("/auth", func(c *pipeline.Ctx) error {
		if c.Header("X-Name") == "" {
			return pipeline.ErrPermissionDenied
		}
		_ = c.SetHeader("X-User", c.Header("X-Name"))
		return c.NoContent(204)
	})
	app.Path("copy", func(c *pipeline.Ctx) error {
		if body, err := c.Body(); err != nil || string(body) != "of "+c.Header("X-Name") || c.Client().Addr().String() != c.Header("X-Real-IP") {
			t.Errorf("a copy of %s from %v has %q, %v", c.Header("X-Name"), c.Client(), body, err)
		}
		mirrored.Add(1)
		return c.NoContent(204)
	})
	app.Path("", func(c *pipeline.Ctx) error {
		if n := inFlight.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer inFlight.Add(-1)
		time.Sleep(time.Millisecond)
		kept, _ := c.Get(keptKey{}).(string)
		return c.Text(200, kept+" "+c.Client().Addr().String())
	})
	s := must[*server.Server](t)(server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 2}))
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	var passed, refused atomic.Int64
	var wg sync.WaitGroup
	for g := range 6 { // of two clients with three connections each
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for i := range 60 {
				name, ip := fmt.Sprintf("user%d-%d", g, i), fmt.Sprint("192.0.2.", g%2)
				req, _ := http.NewRequest("POST", "http://"+s.Addrs()[0]+"/", strings.NewReader("of "+name))
				req.Header.Set("X-Real-IP", ip)
				req.Header.Set("X-Name", name)
				res, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				body, _ := io.ReadAll(res.Body)
				_ = res.Body.Close()
				switch {
				case res.StatusCode == 503:
					refused.Add(1)
				case res.StatusCode != 200 || string(body) != name+" "+ip || !strings.HasPrefix(res.Header.Get("Set-Cookie"), "uid="):
					t.Errorf("%s from %s: %d %q %v", name, ip, res.StatusCode, body, res.Header)
				default:
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	for ip, want := range map[string]int{"198.51.100.7": 403, "192.0.2.9": 403} { // by the rule, and by the location that is asked
		req, _ := http.NewRequest("GET", "http://"+s.Addrs()[0]+"/", nil)
		req.Header.Set("X-Real-IP", ip)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != want {
			t.Errorf("from %s: %d", ip, res.StatusCode)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	for end := time.Now().Add(time.Minute); mirrored.Load() != passed.Load() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if most.Load() > 4 || passed.Load() == 0 || mirrored.Load() != passed.Load() || passed.Load()+refused.Load() != 360 {
		t.Errorf("%d passed, %d refused, %d mirrored, %d at once", passed.Load(), refused.Load(), mirrored.Load(), most.Load())
	}
	t.Logf("%d passed, %d refused, %d at once", passed.Load(), refused.Load(), most.Load())
}
