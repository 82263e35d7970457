package access_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/access"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// rules reads "allow 10.0.0.1; deny all;".
func rules(t testing.TB, text string) []access.Rule {
	t.Helper()
	var list []access.Rule
	for d := range strings.SplitSeq(text, ";") {
		if word, from, ok := strings.Cut(strings.TrimSpace(d), " "); ok {
			list = append(list, access.Rule{Allow: word == "allow", From: from})
		}
	}
	return list
}

func compile(t testing.TB, text string) *access.Rules {
	t.Helper()
	r, err := access.New(rules(t, text), access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// client makes a request from an address; "" is a unix socket.
func client(t testing.TB, from string) *pipeline.Ctx {
	c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Inline(), pipelinetest.Remote("192.0.2.1:1"))
	addr := netip.AddrPort{}
	if from != "" {
		addr = netip.AddrPortFrom(netip.MustParseAddr(from), 1)
	}
	c.SetClient(addr)
	return c
}

func say(allowed bool, err error) string {
	switch {
	case err != nil && allowed:
		return "both"
	case err != nil && errors.Is(err, pipeline.ErrPermissionDenied):
		return "deny"
	case err != nil:
		return err.Error()
	case allowed:
		return "allow"
	}
	return "none"
}

func TestRules(t *testing.T) {
	for _, c := range []struct{ rules, from, want string }{
		{"", "10.0.0.1", "none"},
		{"allow 10.0.0.1;", "10.0.0.1", "allow"},
		{"allow 10.0.0.1;", "10.0.0.2", "none"},
		{"deny all;", "10.0.0.1", "deny"},
		{"deny all;", "2001:db8::1", "deny"},
		{"deny all;", "", "deny"},
		{"allow all; deny all;", "", "allow"},
		{"deny unix:;", "10.0.0.1", "none"},
		{"allow unix:; deny all;", "", "allow"},
		{"allow unix:; deny all;", "10.0.0.1", "deny"},
		{"deny 192.168.1.1; allow 192.168.1.0/24; deny all;", "192.168.1.1", "deny"},
		{"deny 192.168.1.1; allow 192.168.1.0/24; deny all;", "192.168.1.2", "allow"},
		{"deny 192.168.1.1; allow 192.168.1.0/24; deny all;", "192.168.2.2", "deny"},
		{"allow 10.1.2.3/8; deny all;", "10.200.0.1", "allow"},
		{"allow 0.0.0.0/0; deny all;", "2001:db8::1", "deny"},
		{"allow ::/0; deny all;", "10.0.0.1", "deny"},
		{"allow 2001:db8::/32; deny all;", "2001:db8:ffff::", "allow"},
		{"allow 2001:db8::/32; deny all;", "2001:db9::", "deny"},
		{"allow fe80::/10; deny all;", "fe80::1%eth0", "allow"},
		{"allow 10.0.0.0/8; deny all;", "::ffff:10.0.0.1", "allow"},
		{"deny ::ffff:10.0.0.0/104;", "::ffff:10.0.0.1", "deny"},
		{"allow 1.2.3.4; deny ::ffff:10.0.0.0/104;", "::ffff:10.0.0.1", "none"},
		{"deny ::1;", "10.0.0.1", "none"},
	} {
		if got := say(compile(t, c.rules).Access(client(t, c.from))); got != c.want {
			t.Errorf("%s from %q: %s, want %s", c.rules, c.from, got, c.want)
		}
	}
}

func TestInvalidRules(t *testing.T) {
	for _, from := range []string{"", "All", "unix", "10.0.0", "10.0.0.1/33", "10.0.0.1/-1", "::/129", "fe80::1%eth0", "fe80::%e/10", "10.0.0.0/8 ", "localhost", "10.0.0.1/", strings.Repeat("1", 1000)} {
		if _, err := access.New([]access.Rule{{From: from}}, access.Options{}); err == nil || !strings.HasPrefix(err.Error(), "access: invalid parameter") {
			t.Errorf("%q: %v", from, err)
		}
	}
}

// fixed is a check that always says the same.
type fixed struct {
	allow  bool
	err    error
	worker bool
}

func (f fixed) Access(*pipeline.Ctx) (bool, error) { return f.allow, f.err }
func (f fixed) NeedsWorker() bool                  { return f.worker }

// unauthorized is a 401 with a challenge.
type unauthorized struct{ error }

func (u unauthorized) Unwrap() error           { return u.error }
func (unauthorized) Challenge(c *pipeline.Ctx) { _ = c.AddHeader("WWW-Authenticate", "Basic") }

func newPhase(t testing.TB, c access.PhaseConfig) *access.Phase {
	t.Helper()
	p, err := access.NewPhase(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPhase(t *testing.T) {
	yes, no, silent := fixed{allow: true}, fixed{err: pipeline.ErrPermissionDenied}, fixed{}
	ask, broken := fixed{err: unauthorized{&pipeline.Error{Status: 401}}}, fixed{err: errors.New("broken")}
	proxy, rule := fixed{err: &pipeline.Error{Status: 407}}, compile(t, "deny all;")
	for _, c := range []struct {
		checks      []access.Check
		any, all    int // status; 0: it passes
		logged, too bool
	}{
		{nil, 0, 0, false, false},
		{[]access.Check{silent}, 0, 0, false, false},
		{[]access.Check{yes, silent}, 0, 0, false, false},
		{[]access.Check{no, yes}, 0, 403, false, false},
		{[]access.Check{yes, broken}, 0, 500, false, false},
		{[]access.Check{ask, yes}, 0, 401, false, false},
		{[]access.Check{no, silent}, 403, 403, true, false},
		{[]access.Check{rule, silent}, 403, 403, true, true},
		{[]access.Check{no, ask}, 401, 403, false, false},
		{[]access.Check{ask, no}, 401, 401, false, false},
		{[]access.Check{no, proxy}, 407, 403, false, false},
		{[]access.Check{no, broken, yes}, 500, 403, false, false},
	} {
		for _, any := range []bool{true, false} {
			logged, status, log := false, c.all, c.too
			if any {
				status, log = c.any, c.logged
			}
			p := newPhase(t, access.PhaseConfig{Any: any, Checks: c.checks, Log: func(_ *pipeline.Ctx, level slog.Level, m string) {
				logged = m == "access forbidden by rule" && level == slog.LevelError
			}})
			ctx := pipelinetest.NewCtx(t, "GET", "/")
			if err := p.ProcessRequest(ctx); err != nil {
				t.Errorf("%v: %v", c.checks, err)
			}
			if ctx.Res().Status != status || logged != log {
				t.Errorf("%v, any %v: status %d, logged %v; want %d, %v", c.checks, any, ctx.Res().Status, logged, status, log)
			}
			if want := map[bool]string{true: "Basic"}[status == 401]; ctx.ResponseHeader("WWW-Authenticate") != want {
				t.Errorf("%v: challenge %q", c.checks, ctx.ResponseHeader("WWW-Authenticate"))
			}
		}
	}
}

func TestAuthDelay(t *testing.T) {
	const delay = time.Hour
	for _, c := range []struct {
		check fixed
		slow  bool
	}{
		{fixed{allow: true}, false}, {fixed{err: pipeline.ErrPermissionDenied}, false}, {fixed{err: &pipeline.Error{Status: 401}}, true}, {fixed{err: &pipeline.Error{Status: 407}}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPhase(t, access.PhaseConfig{Checks: []access.Check{c.check}, AuthDelay: delay})
			start := time.Now()
			err := p.ProcessRequest(pipelinetest.NewCtx(t, "GET", "/"))
			if took := time.Since(start); err != nil || took != map[bool]time.Duration{true: delay}[c.slow] {
				t.Errorf("%v: %v after %v", c.check, err, took)
			}
		})
	}
}

func TestPhaseConfig(t *testing.T) {
	worker := func(c access.PhaseConfig) bool { return newPhase(t, c).NeedsWorker() }
	if worker(access.PhaseConfig{Checks: []access.Check{fixed{}}}) || !worker(access.PhaseConfig{Checks: []access.Check{fixed{}, fixed{worker: true}}}) ||
		!worker(access.PhaseConfig{AuthDelay: time.Second}) {
		t.Error("a worker is needed when a check needs one, or to wait")
	}
	for _, c := range []access.PhaseConfig{{Checks: []access.Check{nil}}, {AuthDelay: -1}} {
		if _, err := access.NewPhase(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func TestSubrequestsAreNotChecked(t *testing.T) {
	app := pipeline.New()
	app.Use(newPhase(t, access.PhaseConfig{Checks: []access.Check{compile(t, "deny 192.0.2.1;")}}), compile(t, "deny 192.0.2.1;"))
	app.Get("/", func(c *pipeline.Ctx) error { return c.Text(200, "ok") })
	status := 0
	outer := pipeline.New()
	inner, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	outer.Get("/", func(c *pipeline.Ctx) error {
		err := c.Subrequest(pipeline.Subrequest{Path: "/", App: inner}, func(sub *pipeline.Ctx) error { status = sub.Res().Status; return nil })
		return errors.Join(err, c.NoContent(204))
	})
	pipelinetest.NewClient(t, outer).Get("/", pipelinetest.Remote("192.0.2.1:1"))
	if status != 200 {
		t.Errorf("status %d", status)
	}
}

// The same rules in the real nginx, asked from several addresses of this machine.
func TestAgainstNginx(t *testing.T) {
	sets := []string{"allow 127.0.0.2; deny all;", "deny 127.0.0.2; allow 127.0.0.0/30; deny 127.0.0.0/8;", "deny all;", "allow ::1; deny all;", "deny ::/0;", "deny unix:;",
		"allow unix:; deny all;", "allow 127.0.0.9/30; deny all;", "deny 0.0.0.0/0; allow all;", "allow all; deny 127.0.0.2;", "deny 128.0.0.0/1;", "deny 0.0.0.0/1;"}
	var conf strings.Builder
	for i, set := range sets {
		fmt.Fprintf(&conf, "location = /%d { %s empty_gif; }\n", i, set)
	}
	s := nginxtest.Start(t, t.TempDir(), "", conf.String())
	for i, set := range sets {
		for _, from := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.8", "127.0.0.11", "127.1.0.1", "::1", "unix:"} {
			want := s.Do(from, fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: a\r\n", i)).Status
			got := 200
			c := client(t, strings.TrimPrefix(from, "unix:"))
			if _, err := compile(t, set).Access(c); err != nil {
				got = 403
			}
			if got != want {
				t.Errorf("%s from %s: %d, nginx %d", set, from, got, want)
			}
		}
	}
}

// FuzzRule puts what is compiled against the plainest reading of net/netip.
func FuzzRule(f *testing.F) {
	for _, s := range []string{"10.0.0.0/8", "::/0", "all", "unix:", "::ffff:1.2.3.4/100", "fe80::1%a", "1.2.3.4/32", "/", "999.1.1.1"} {
		f.Add(s, "10.0.0.1")
		f.Add(s, "::ffff:1.2.3.4")
	}
	f.Fuzz(func(t *testing.T, from, addr string) {
		r, err := access.New([]access.Rule{{From: from}}, access.Options{})
		a, bad := netip.ParseAddr(addr)
		if err != nil || bad != nil || from == "unix:" {
			return
		}
		p, err := netip.ParsePrefix(from)
		if one, e := netip.ParseAddr(from); e == nil {
			p, err = netip.PrefixFrom(one, one.BitLen()), nil
		}
		if a = a.WithZone(""); a.Is4In6() && p.Addr().Is4() {
			a = a.Unmap()
		}
		want := from == "all" || err == nil && p.Contains(a)
		if got := say(r.Access(client(t, addr))) == "deny"; got != want {
			t.Errorf("deny %q, %q: %v, want %v", from, addr, got, want)
		}
	})
}
