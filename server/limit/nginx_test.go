package limit_test

import (
	"fmt"
	"strings"
	"testing"

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
