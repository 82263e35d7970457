package upstream

import (
	"fmt"
	"net/http"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// needVersion skips the test when there is no nginx, or an older one.
func needVersion(t *testing.T, major, minor, patch int) {
	t.Helper()
	out, err := exec.Command("nginx", "-v").CombinedOutput()
	var v [3]int
	if _, scan := fmt.Sscanf(string(out), "nginx version: nginx/%d.%d.%d", &v[0], &v[1], &v[2]); err != nil || scan != nil ||
		slices.Compare(v[:], []int{major, minor, patch}) < 0 {
		t.Skipf("install nginx %d.%d.%d to compare with it", major, minor, patch)
	}
}

// The sticky directive came with NGINX 1.29.6.
func TestSticksAsNGINX(t *testing.T) {
	needVersion(t, 1, 29, 6)
	directives := []struct {
		method Method
		text   string
	}{{RoundRobin, ""}, {LeastConn, "least_conn;"}, {LeastTimeHeader, "least_time header;"}, {Hash, "hash $arg_k;"},
		{HashConsistent, "hash $arg_k consistent;"}, {IPHash, "ip_hash;"}}
	stickies := []struct {
		conf StickyConfig
		text string
	}{
		{StickyConfig{Kind: StickyRoute}, "route $arg_none $arg_l"},
		{StickyConfig{Kind: StickyLearn, Zone: "z", ZoneSize: 1 << 20}, "learn lookup=$arg_l create=$upstream_http_x_session zone={zone}:1m"},
		{StickyConfig{Cookie: "srv", Expires: 90 * time.Minute, Domain: ".x.org", Path: "/a", HTTPOnly: true, Secure: true, SameSite: "Lax"},
			"cookie srv expires=90m domain=.x.org path=/a httponly secure samesite=Lax"},
		{StickyConfig{Cookie: "srv", Expires: Forever}, "cookie srv expires=max"},
	}
	good, dead := nginxtest.FreePort(t), nginxtest.FreePort(t)
	conf := fmt.Sprintf("server { listen %s; add_header X-Session $arg_s; location / { empty_gif; } }\n", everyAddress(good))
	locations := ""
	type run struct {
		name, address string
		conf          Config
	}
	var runs []run
	for i, d := range directives {
		for j, s := range stickies {
			u := run{name: fmt.Sprintf("u%d%d", i, j), address: fmt.Sprintf("127.1.%d.", i*10+j)}
			u.conf = Config{Name: u.name, Method: d.method, Sticky: &s.conf}
			conf += "upstream " + u.name + " { " + d.text + " sticky " + strings.ReplaceAll(s.text, "{zone}", u.name) + ";\n"
			for k, parameters := range []string{"weight=3 route=a", "route=b dead max_fails=4", "route=c drain", "weight=2", "route=e down", "route=f backup"} {
				if strings.Contains(parameters, "backup") && !d.method.takesBackup() {
					continue
				}
				to := good
				if strings.Contains(parameters, "dead") {
					to = dead
				}
				address := fmt.Sprintf("%s%d:%s", u.address, k+1, to)
				u.conf.Servers = append(u.conf.Servers, stickyServer(t, address, parameters))
				conf += "server " + address + " fail_timeout=1000s " + strings.ReplaceAll(parameters, "dead", "") + ";\n"
			}
			conf += "}\n"
			locations += fmt.Sprintf("location /%[1]s { proxy_pass http://%[1]s; add_header X-Tries $upstream_addr always; }\n", u.name)
			runs = append(runs, u)
		}
	}
	nginx := nginxtest.Start(t, t.TempDir(), conf, locations)
	for _, u := range runs {
		t.Run(u.name, func(t *testing.T) { compareSticky(t, nginx, u.conf, fmt.Sprint(dead)) })
	}
}

func stickyServer(t *testing.T, address, parameters string) ServerConfig {
	var rest []string
	s := ServerConfig{}
	for _, w := range strings.Fields(parameters) {
		switch {
		case w == "drain":
			s.Drain = true
		case strings.HasPrefix(w, "route="):
			s.Route = w[len("route="):]
		default:
			rest = append(rest, w)
		}
	}
	with := parseServer(t, address, strings.Join(rest, " "))
	with.Drain, with.Route = s.Drain, s.Route
	return with
}

func compareSticky(t *testing.T, nginx *nginxtest.Server, c Config, dead string) {
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{"", "a", "b", "c", "", "none", "e", "f", "a", "a", g.Snapshot(0).Peers[3].Peer.SID(), "b", "c", "c"}
	for i := range 100 {
		id, session := ids[i%len(ids)], ids[i*5%len(ids)]
		if i%3 > 0 {
			session = ""
		}
		key := fmt.Sprint("k", i%9)
		answer := nginx.Do("", fmt.Sprintf("GET /%s?k=%s&l=%s&s=%s HTTP/1.1\r\nHost: x\r\nCookie: srv=%s\r\n", c.Name, key, id, session, id))
		date, err := http.ParseTime(answer.Header.Get("Date"))
		if err != nil {
			t.Fatal(err)
		}
		now := date.UnixMilli()
		r := Request{Key: []byte(key), Client: netip.MustParseAddr("127.0.0.1"), Sticky: []byte(id)}
		var tried []string
		var cookie []byte
		for {
			p, v := g.Pick(&r, now)
			if v != Picked {
				tried = append(tried, g.Name())
				break
			}
			cookie = g.AppendCookie(cookie[:0], p, nil, nil, now)
			tried = append(tried, p.Name())
			failed := strings.HasSuffix(p.Name(), dead)
			g.Done(&r, p, Outcome{Failed: failed, Status: 200, Session: []byte(session)}, now)
			if !failed || r.Tries() == 0 {
				break
			}
		}
		if got, want := strings.Join(tried, ", "), answer.Header.Get("X-Tries"); got != want {
			t.Fatalf("request %d for %q: tried %s, nginx %s", i, id, got, want)
		}
		if got, want := string(cookie), answer.Header.Get("Set-Cookie"); got != want {
			t.Fatalf("request %d: cookie %s, nginx %s", i, got, want)
		}
	}
}
