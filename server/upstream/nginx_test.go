package upstream

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// A trial is an upstream block, and the tries that requests to it make in NGINX and here.
type trial struct {
	name, directive string
	method          Method
	// servers are the parameters of each; "dead" refuses connections, "bad" answers 500, which asks the next.
	servers []string
}

var trials = []trial{
	{"even", "", RoundRobin, []string{"", "", ""}},
	{"weights", "", RoundRobin, []string{"weight=5", "weight=1", "weight=1"}},
	{"moreweights", "", RoundRobin, []string{"weight=7", "weight=3", "weight=4 down", "weight=2", "weight=11"}},
	{"dead", "", RoundRobin, []string{"", "dead", "", ""}},
	{"deadweights", "", RoundRobin, []string{"weight=3", "weight=5 max_fails=3 dead", "weight=2 max_fails=0 bad", "weight=4"}},
	{"slowlydead", "", RoundRobin, []string{"weight=10 max_fails=4 bad", "weight=3", "weight=9 max_fails=7 dead", ""}},
	{"backup", "", RoundRobin, []string{"dead", "bad max_fails=2", "backup weight=2", "backup"}},
	{"alldead", "", RoundRobin, []string{"dead", "dead max_fails=2", "bad"}},
	{"single", "", RoundRobin, []string{"dead"}},
	{"singlebackup", "", RoundRobin, []string{"dead", "backup"}},
	{"downbackup", "", RoundRobin, []string{"down", "backup down", "backup"}},
	{"leastconn", "least_conn;", LeastConn, []string{"weight=3", "", "weight=2 dead max_fails=2", "backup"}},
	{"hash", "hash $arg_k;", Hash, []string{"", "", ""}},
	{"hashweights", "hash $arg_k;", Hash, []string{"weight=3", "down", "weight=2", "weight=4 dead max_fails=0", ""}},
	{"hashdead", "hash $arg_k;", Hash, []string{"dead", "", "dead max_fails=5", "bad", "down", "down", "down"}},
	{"hashone", "hash $arg_k;", Hash, []string{""}},
	{"ring", "hash $arg_k consistent;", HashConsistent, []string{"", "", ""}},
	{"ringweights", "hash $arg_k consistent;", HashConsistent, []string{"weight=3", "down", "weight=2", "dead max_fails=0", ""}},
	{"ringdead", "hash $arg_k consistent;", HashConsistent, []string{"dead", "", "dead max_fails=5", "bad", "down"}},
	{"iphash", "ip_hash;", IPHash, []string{"", "", ""}},
	{"iphashweights", "ip_hash;", IPHash, []string{"weight=3", "down", "weight=2", "dead max_fails=0", ""}},
}

func TestSameTriesAsNGINX(t *testing.T) {
	conf := "set_real_ip_from 127.0.0.0/8; real_ip_header X-Real-IP;\n" +
		"proxy_next_upstream error timeout http_500;\n"
	var locations strings.Builder
	addresses := make([][]string, len(trials))
	good, bad := nginxtest.FreePort(t), nginxtest.FreePort(t)
	conf += fmt.Sprintf("server { listen %s; return 200; } server { listen %s; return 500; }\n",
		everyAddress(good), everyAddress(bad))
	dead := nginxtest.FreePort(t)
	for i, tr := range trials {
		conf += "upstream " + tr.name + " { " + tr.directive + "\n"
		for j, s := range tr.servers {
			p := good
			if strings.Contains(s, "dead") {
				p = dead
			} else if strings.Contains(s, "bad") {
				p = bad
			}
			a := fmt.Sprintf("127.0.%d.%d:%s", i+1, j+1, p)
			addresses[i] = append(addresses[i], a)
			conf += "server " + a + " fail_timeout=1000s " + strings.NewReplacer("dead", "", "bad", "").Replace(s) + ";\n"
		}
		conf += "}\n"
		fmt.Fprintf(&locations, "location /%[1]s { proxy_pass http://%[1]s; add_header X-Tries $upstream_addr always; }\n", tr.name)
	}
	nginx := nginxtest.Start(t, t.TempDir(), conf, locations.String())
	for i, tr := range trials {
		t.Run(tr.name, func(t *testing.T) { compare(t, nginx, &tr, addresses[i]) })
	}
}

// everyAddress is a listen directive's address that 127.0.i.j reaches.
func everyAddress(port string) string { return "0.0.0.0:" + port }

func compare(t *testing.T, nginx *nginxtest.Server, tr *trial, addresses []string) {
	c := Config{Name: tr.name, Method: tr.method}
	fails := map[string]string{}
	for i, s := range tr.servers {
		c.Servers = append(c.Servers, parseServer(t, addresses[i], s))
		if strings.Contains(s, "dead") {
			fails[addresses[i]] = "dead"
		} else if strings.Contains(s, "bad") {
			fails[addresses[i]] = "bad"
		}
	}
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UnixMilli()
	for i := range 120 {
		key := fmt.Sprintf("key-%d", i*i)
		client := netip.AddrFrom4([4]byte{byte(10 + i%3), byte(i * 7), byte(i * 31), byte(i)})
		if i%4 == 3 {
			client = netip.MustParseAddr(fmt.Sprintf("2001:db8::%x:%x", i*97, i))
		}
		answer := nginx.Do("", fmt.Sprintf("GET /%s?k=%s HTTP/1.1\r\nHost: x\r\nX-Real-IP: %s\r\n", tr.name, key, client))
		if got, want := tries(g, key, client, fails, now), answer.Header.Get("X-Tries"); got != want {
			t.Fatalf("request %d: tried %s, nginx %s", i, got, want)
		}
	}
}

// tries returns what NGINX's $upstream_addr says of a request.
func tries(g *Group, key string, client netip.Addr, fails map[string]string, now int64) string {
	r := Request{Key: []byte(key), Client: client}
	var tried []string
	for {
		p, v := g.Pick(&r, now)
		if v != Picked {
			return strings.Join(append(tried, g.Name()), ", ")
		}
		tried = append(tried, p.Name())
		// A status asks for the next server only where there is one.
		failed := fails[p.Name()] == "dead" || fails[p.Name()] == "bad" && r.Tries() > 1
		g.Done(&r, p, Outcome{Failed: failed}, now)
		if !failed || r.Tries() == 0 {
			return strings.Join(tried, ", ")
		}
	}
}

func parseServer(t *testing.T, address, parameters string) ServerConfig {
	s := ServerConfig{Address: address, FailTimeout: 1000 * time.Second}
	for _, w := range strings.Fields(parameters) {
		switch {
		case w == "backup":
			s.Backup = true
		case w == "down":
			s.Down = true
		case w == "max_fails=0":
			s.MaxFails = -1
		case strings.HasPrefix(w, "weight="):
			_, _ = fmt.Sscanf(w, "weight=%d", &s.Weight)
		case strings.HasPrefix(w, "max_fails="):
			_, _ = fmt.Sscanf(w, "max_fails=%d", &s.MaxFails)
		case w != "dead" && w != "bad":
			t.Fatalf("unknown parameter %s", w)
		}
	}
	return s
}
