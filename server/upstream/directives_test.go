package upstream

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDirectives(t *testing.T) {
	server := func(s ServerConfig) Config { return Config{Servers: []ServerConfig{s}} }
	with := func(s StickyConfig) Config { return Config{Sticky: &s} }
	for text, want := range map[string]Config{
		"least_conn":                       {Method: LeastConn},
		"ip_hash":                          {Method: IPHash},
		"hash $uri":                        {Method: Hash, Key: "$uri"},
		"hash $uri$args consistent":        {Method: HashConsistent, Key: "$uri$args"},
		"least_time header":                {Method: LeastTimeHeader},
		"least_time last_byte inflight":    {Method: LeastTimeLastByte, Inflight: true},
		"random":                           {Method: Random},
		"random two":                       {Method: RandomTwo},
		"random two least_conn":            {Method: RandomTwo},
		"random two least_time=header":     {Method: RandomTwoHeader},
		"random two least_time=last_byte":  {Method: RandomTwoLastByte},
		"zone backend 64k":                 {Zone: "backend"},
		"queue 100":                        {Queue: 100},
		"queue 100 timeout=1m":             {Queue: 100, QueueTimeout: time.Minute},
		"server a:1":                       server(ServerConfig{Address: "a:1"}),
		"server a weight=3 max_conns=4":    server(ServerConfig{Address: "a", Weight: 3, MaxConns: 4}),
		"server a max_fails=0":             server(ServerConfig{Address: "a", MaxFails: -1}),
		"server a max_fails=2 backup down": server(ServerConfig{Address: "a", MaxFails: 2, Backup: true, Down: true}),
		"server a fail_timeout=1m30s":      server(ServerConfig{Address: "a", FailTimeout: 90 * time.Second}),
		"server a slow_start=500ms drain":  server(ServerConfig{Address: "a", SlowStart: time.Second / 2, Drain: true}),
		"server a route=r resolve":         server(ServerConfig{Address: "a", Route: "r", Resolve: true}),
		"server a service=http resolve":    server(ServerConfig{Address: "a", Service: "http", Resolve: true}),
		"sticky route $a $b":               with(StickyConfig{Kind: StickyRoute, Lookup: []string{"$a", "$b"}}),
		"sticky cookie c":                  with(StickyConfig{Cookie: "c", Lookup: []string{"$cookie_c"}}),
		"sticky cookie c expires=max secure samesite=$s": with(StickyConfig{Cookie: "c", Lookup: []string{"$cookie_c"},
			Expires: Forever, Secure: true, SameSite: "$s"}),
		"sticky cookie c expires=2h domain=.x path=/p httponly": with(StickyConfig{Cookie: "c", Lookup: []string{"$cookie_c"},
			Expires: 2 * time.Hour, Domain: ".x", Path: "/p", HTTPOnly: true}),
		"sticky learn create=$a lookup=$b lookup=$c zone=z:1m timeout=5m header": with(StickyConfig{Kind: StickyLearn,
			Create: []string{"$a"}, Lookup: []string{"$b", "$c"}, Zone: "z", ZoneSize: 1 << 20, Timeout: 5 * time.Minute, Header: true}),
	} {
		var c Config
		words := strings.Fields(text)
		if err := c.Directive(words[0], words[1:]); err != nil || !reflect.DeepEqual(c, want) {
			t.Errorf("%s: %v\ngot  %+v %+v\nwant %+v %+v", text, err, c, c.Sticky, want, want.Sticky)
		}
	}
}

func TestErrorsOfDirectives(t *testing.T) {
	for text, want := range map[string]string{
		"hash":                          "invalid number of arguments",
		"sticky cookie":                 "invalid number of arguments",
		"server":                        "invalid number of arguments",
		"keepalive 1":                   `unknown directive "keepalive"`,
		"hash $uri sharp":               `invalid parameter "sharp"`,
		"least_time":                    "invalid number of arguments",
		"least_time best":               `invalid value "best"`,
		"least_time header now":         `invalid parameter "now"`,
		"random three":                  `invalid parameter "three"`,
		"random two best":               `invalid parameter "best"`,
		"queue 0":                       `invalid value "0"`,
		"queue x":                       `invalid value "x"`,
		"queue 1 timeout=":              `invalid parameter "timeout="`,
		"queue 1 1m":                    `invalid parameter "1m"`,
		"server a weight=0":             `invalid parameter "weight=0"`,
		"server a weight":               `invalid parameter "weight"`,
		"server a max_conns=-1":         `invalid parameter "max_conns=-1"`,
		"server a fail_timeout=x":       `invalid parameter "fail_timeout=x"`,
		"server a backup=1":             `invalid parameter "backup=1"`,
		"server a route=":               "route is empty",
		"server a service= resolve":     "service is empty",
		"server a service=s":            `service upstream "a" requires "resolve" parameter`,
		"sticky what x":                 `unknown parameter "what"`,
		"sticky route a":                `invalid variable name "a"`,
		"sticky cookie c path=":         `no value for "path"`,
		"sticky cookie c secure secure": `parameter "secure" is duplicate`,
		"sticky cookie c expires=x":     `invalid "expires" parameter value`,
		"sticky cookie c best":          `unknown parameter "best"`,
		"sticky cookie c a=b":           `unknown parameter "a=b"`,
		"sticky learn zone=z:1m":        `"lookup" parameter is not specified`,
		"sticky learn lookup=$a":        `"create" parameter is not specified`,
		"sticky learn lookup=a":         `missing variable in the "lookup" parameter`,
		"sticky learn zone=z":           "invalid zone size",
		"sticky learn zone=z:x":         "invalid zone size",
		"sticky learn timeout=0":        "invalid timeout",
		"sticky learn what=$x":          `unknown parameter "what=$x"`,
	} {
		var c Config
		words := strings.Fields(text)
		if err := c.Directive(words[0], words[1:]); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	c := Config{Sticky: new(StickyConfig)}
	if err := c.Directive("sticky", []string{"route", "$a"}); err == nil {
		t.Error("a second sticky is accepted")
	}
}

// max_fails=0 and fail_timeout=0 are settings, not defaults.
func TestZeroParameters(t *testing.T) {
	s, err := ParseServer([]string{"10.0.0.1", "max_fails=0", "fail_timeout=0"})
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(Config{Servers: []ServerConfig{s}})
	if err != nil {
		t.Fatal(err)
	}
	if p := g.Snapshot(0).Peers[0].Peer; p.maxFails != 0 || p.failTimeout != 0 {
		t.Errorf("max_fails %d, fail_timeout %d ms", p.maxFails, p.failTimeout)
	}
}
