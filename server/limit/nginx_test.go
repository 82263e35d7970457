package limit_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/limit"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

func field(name string) pipeline.Value {
	return func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, c.Header(name)...) }
}

func zone(t *testing.T, name, header string) *limit.ReqZone {
	t.Helper()
	z, err := limit.NewReqZone(limit.ZoneConfig{Name: name, Size: limit.MinZone, Key: field(header), Rate: 16}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func newReq(t *testing.T, c limit.ReqConfig) *limit.Req {
	t.Helper()
	r, err := limit.NewReq(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The same sequences of requests, quicker than the rate of one a minute, to the real nginx and to us.
func TestAgainstNginx(t *testing.T) {
	const http = `limit_req_zone $http_x_a zone=a:32k rate=1r/m; limit_req_zone $http_x_b zone=b:32k rate=1r/m;`
	a, b := zone(t, "a", "X-a"), zone(t, "b", "X-b")
	type location struct {
		conf string
		ours limit.ReqConfig
	}
	locations := []location{
		{"limit_req zone=a;", limit.ReqConfig{Limits: []limit.ReqLimit{{Zone: a}}}},
		{"limit_req zone=a burst=3 nodelay;", limit.ReqConfig{Limits: []limit.ReqLimit{{Zone: a, Burst: 3, NoDelay: true}}}},
		{"limit_req zone=a burst=3 delay=2; limit_req_dry_run on;", limit.ReqConfig{DryRun: true, Limits: []limit.ReqLimit{{Zone: a, Burst: 3, Delay: 2}}}},
		{"limit_req zone=a burst=4 nodelay; limit_req zone=b burst=1 nodelay; limit_req_status 429;",
			limit.ReqConfig{Status: 429, Limits: []limit.ReqLimit{{Zone: a, Burst: 4, NoDelay: true}, {Zone: b, Burst: 1, NoDelay: true}}}},
	}
	var server strings.Builder
	for i, l := range locations {
		fmt.Fprintf(&server, "location = /%d { %s empty_gif; add_header X-Status $limit_req_status always; }\n", i, l.conf)
	}
	s := nginxtest.Start(t, t.TempDir(), http, server.String())
	for i, l := range locations {
		r := newReq(t, l.ours)
		for step, fields := range []string{"", "X-a: 1", "X-a: 1", "X-a: 1;X-b: 1", "X-b: 1", "X-a: 1;X-b: 1", "X-a: 1", "X-a: 1", "X-a: 1;X-b: 1", "X-b: 1", "X-a: 2;X-b: 1",
			"X-a: 2;X-b: 2", "X-b: 2", "X-b: 2", "X-a: 2;X-b: 2", "X-a: 2", "X-a: 2", "X-a: 2", "X-a: 2"} {
			head := fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: a\r\n", i)
			var opts []pipelinetest.Option
			for f := range strings.SplitSeq(fields, ";") {
				if name, value, ok := strings.Cut(f, ": "); ok {
					value = fmt.Sprint(i, value) // each location has keys of its own
					head += name + ": " + value + "\r\n"
					opts = append(opts, pipelinetest.Header(name, value))
				}
			}
			answer := s.Do("", head)
			want := fmt.Sprint(answer.Status, " ", answer.Header.Get("X-Status"))
			c := pipelinetest.NewCtx(t, "GET", "/", opts...)
			if err := r.ProcessRequest(c); err != nil {
				t.Fatal(err)
			}
			status, _ := limit.AppendReqStatus(c, nil)
			if got := fmt.Sprint(max(c.Res().Status, 200), " ", string(status)); got != want {
				t.Errorf("%s step %d (%s): %s, nginx %s", l.conf, step, fields, got, want)
			}
		}
	}
}

// How many further keys push a state out of the smallest zone: the number is NGINX's for short keys and for long ones.
func TestCapacityAgainstNginx(t *testing.T) {
	for _, length := range []int{6, 48, 49, 200} {
		s := nginxtest.Start(t, t.TempDir(), `limit_req_zone $http_x_a zone=a:32k rate=1r/m;`, `location / { limit_req zone=a; empty_gif; }`)
		run := 0
		for _, others := range []int{22, 23, 38, 39, 40, 41, 42, 46, 47, 78, 79, 80, 81, 94, 95, 189, 190, 191, 192} {
			run++
			r := newReq(t, limit.ReqConfig{Limits: []limit.ReqLimit{{Zone: zone(t, "a", "X-a")}}})
			var nginx, ours int
			for i := range others + 2 {
				if i == others+1 {
					i = 0
				}
				key := fmt.Sprintf("%d-%0*d", run, length-1-len(fmt.Sprint(run)), i)
				nginx = s.Do("", "GET / HTTP/1.1\r\nHost: a\r\nX-a: "+key+"\r\n").Status
				c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("X-a", key))
				if err := r.ProcessRequest(c); err != nil {
					t.Fatal(err)
				}
				ours = max(c.Res().Status, 200)
			}
			if nginx != ours {
				t.Errorf("%d other keys of %d bytes: %d, nginx %d", others, length, ours, nginx)
			}
		}
	}
}

// hold sends a request whose response takes long, and returns its status and what ends it.
func hold(t *testing.T, addr, head string) (int, func()) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, head+"\r\n"); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	status := 0
	if _, err := fmt.Sscanf(line, "HTTP/1.1 %d", &status); err != nil {
		t.Fatal(line, err)
	}
	return status, func() { _ = conn.Close(); time.Sleep(50 * time.Millisecond) }
}

// The same requests, held open and ended in the same order, to the real nginx and to us.
func TestConnAgainstNginx(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "big"), make([]byte, 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	s := nginxtest.Start(t, dir, "limit_conn_zone $http_x_a zone=a:32k; limit_conn_zone $http_x_b zone=b:32k;",
		"location /big { limit_conn a 2; limit_conn b 3; limit_conn_status 429; limit_rate 1k; }")
	zone := func(name string) *limit.ConnZone {
		z, err := limit.NewConnZone(limit.ZoneConfig{Name: name, Size: limit.MinZone, Key: field("X-" + name)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	m, err := limit.NewConn(limit.ConnConfig{Status: 429, Limits: []limit.ConnLimit{{Zone: zone("a"), Number: 2}, {Zone: zone("b"), Number: 3}}})
	if err != nil {
		t.Fatal(err)
	}
	ends := map[int]func(){}
	for step, what := range []string{"a1 b1", "a1 b1", "a1 b1", "a2 b1", "a3 b1", "a3", "a3", "a3", "end 0", "a1 b1", "a1", "b1", "end 3", "end 5", "a3 b1", "a3", "", "a" + strings.Repeat("k", 255), "a" + strings.Repeat("k", 256)} {
		var n int
		if _, err := fmt.Sscanf(what, "end %d", &n); err == nil {
			ends[n]()
			continue
		}
		head := "GET /big HTTP/1.1\r\nHost: a\r\n"
		var opts []pipelinetest.Option
		for _, f := range strings.Fields(what) {
			head += "X-" + f[:1] + ": " + f[1:] + "\r\n"
			opts = append(opts, pipelinetest.Header("X-"+f[:1], f[1:]))
		}
		want, end := hold(t, s.Addr, head)
		c := pipelinetest.NewCtx(t, "GET", "/", opts...)
		if err := m.ProcessRequest(c); err != nil {
			t.Fatal(err)
		}
		if got := max(c.Res().Status, 200); got != want {
			t.Errorf("step %d (%.20s): %d, nginx %d", step, what, got, want)
		}
		ends[step] = func() { end(); c.Reset() }
		if want != 200 {
			ends[step]()
		}
	}
}

// Bursts that have to wait take as long as in the real nginx, to some milliseconds.
func TestDelaysAgainstNginx(t *testing.T) {
	s := nginxtest.Start(t, t.TempDir(), "limit_req_zone $http_x_a zone=a:32k rate=20r/s;",
		"location /all { limit_req zone=a burst=5; empty_gif; } location /some { limit_req zone=a burst=5 delay=2; empty_gif; }")
	for i, location := range []string{"/all", "/some"} {
		z, err := limit.NewReqZone(limit.ZoneConfig{Name: "a", Size: limit.MinZone, Key: field("X-A"), Rate: 20_000}, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := newReq(t, limit.ReqConfig{Limits: []limit.ReqLimit{{Zone: z, Burst: 5, Delay: int64(2 * i)}}})
		ours := func() {
			if err := r.ProcessRequest(pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("X-A", location))); err != nil {
				t.Error(err)
			}
		}
		nginx := func() { s.Do("", "GET "+location+" HTTP/1.1\r\nHost: a\r\nX-A: "+location+"\r\n") }
		var theirs, mine []time.Duration
		for attempt := 1; ; attempt++ { // a busy machine holds either of them up: what counts is the best of some bursts
			far := ""
			theirs, mine = fastest(theirs, burst(nginx)), fastest(mine, burst(ours))
			for n := range mine {
				if d := mine[n] - theirs[n]; d < -40*time.Millisecond || d > 40*time.Millisecond {
					far += fmt.Sprintf(" request %d took %v, in nginx %v;", n, mine[n], theirs[n])
				}
			}
			if far == "" {
				break
			}
			if attempt == 40 {
				t.Errorf("%s:%s", location, far)
				break
			}
			time.Sleep(400 * time.Millisecond) // the buckets are empty again
		}
	}
}

// fastest returns the shorter of each two.
func fastest(a, b []time.Duration) []time.Duration {
	for i := range a {
		b[i] = min(a[i], b[i])
	}
	return b
}

// burst makes six requests at once and returns how long they took, the shortest first.
func burst(request func()) []time.Duration {
	took := make([]time.Duration, 6)
	var wg sync.WaitGroup
	start := time.Now()
	for i := range took {
		wg.Go(func() {
			request()
			took[i] = time.Since(start)
		})
	}
	wg.Wait()
	slices.Sort(took)
	return took
}
