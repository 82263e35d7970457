package script_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/script"
)

// mapBlocks make variables of $arg_k and $http_x.
const mapBlocks = `
map $arg_k $exact { default none; a 1; B 2; "" empty; \~x tilde; \default word; "with space" s; a.b.c dots; *.x star; }
map $arg_k $nodefault { a 1; }
map $arg_k $patterns { ~^/(?<part>[a-z]+)/(\d+) "$part-$2-$1"; ~*ABC$ caseless; ~^$ never; ~x(.)? "x$1"; a first; default "[$arg_k]"; }
map $arg_k $order { ~^ab one; ~^a two; ab exact; default $exact; }
map $arg_k $names { hostnames; default no; example.com ex; *.example.com sub; .both.com both; www.tail.* tail; www.* short; *.a.example.com deep; "" empty; mail.example.com mail; }
map $arg_k $chained { default $patterns/$exact; a "$names"; }
map "$arg_k:$arg_j" $joined { a:b both; "~^(.*):(.*)$" "$2$1"; }
map $uri $volatile { volatile; ~^/(.*)$ "uri $1"; }
map $http_x $field { default $http_x; "" "no field"; }
map $args $selfargs { default "<$args>"; }
split_clients "$arg_k" $half { 50% one; * two; }
split_clients "${arg_k}salt" $many { 0.5% a; 2.0% b; 33.33% c; 10% d; * e; }
split_clients "$arg_k" $whole { 30% x; 70% y; }
split_clients "$arg_k" $some { 10% x; 20% y; }
`

var mapKeys = strings.Fields(`a b B A c x ~x default DEFAULT %7Ex a.b.c A.B.C foo.x *.x /ab/12 /ab/12/ /AB/1 abc xABC aBcd ab abx xy x ax with%20space
	example.com www.example.com EXAMPLE.com a.b.example.com x.a.example.com .example.com a..example.com both.com x.both.com www.tail.com www.tail.co.uk www.tail. www.tail www. www.other
	mail.example.com example.com. com . .. a. notexample.com`)

func TestMapsAgainstNginx(t *testing.T) {
	const body = "$exact|$nodefault|$patterns|$order|$names|$chained|$joined|$volatile|$field|$selfargs|$half|$many|$whole|$some"
	blocks := mapBlocks + `server { listen LISTEN; server_name main.test; set $before $volatile; rewrite ^/first$ /second; return 200 "` + body + `|$before|$volatile"; }`
	all := fronts(t, blocks)
	addr := startNginx(t, blocks)
	targets := []string{"/", "/?k", "/first?k=1", "/?k=a&j=b", "/?k=a&j="}
	for _, k := range mapKeys {
		targets = append(targets, "/?k="+k)
	}
	for i := range 200 {
		targets = append(targets, fmt.Sprintf("/?k=%d&j=x", i*i*7919), "/?k="+strings.Repeat("z", i%17)+fmt.Sprint(i))
	}
	for _, target := range targets {
		raw := "GET " + target + " HTTP/1.1\r\nHost: main.test\r\nConnection: close\r\n\r\n"
		if diff := compare(t, addr, all[0], raw); diff != "" {
			t.Errorf("%s: %s", target, diff)
		}
	}
	t.Logf("%d requests compared", len(targets))
}

const geoBlocks = `
geo $arg_ip $nets { default d; 10.0.0.0/8 ten; 10.1.0.0/16 ten-one; 10.1.2.3 host; 192.168.1.0/24 lan; 192.168.1.128/25 upper; 127.0.0.0/8 lo; 0.0.0.0/1 low; 255.255.255.255 none;
	delete 192.168.1.0/24; 2001:db8::/32 doc; 2001:db8:1::/48 doc1; ::1 lo6; ::ffff:1.2.3.4/128 mapped; 10.255.255.255 last; 172.16.0.0/12 a; 172.16.0.0/12 b; }
geo $arg_ip $ranges { ranges; default d; 10.0.0.0-10.0.0.255 a; 10.0.0.10-10.0.0.20 b; 10.0.1.0-10.3.255.255 c; 10.2.0.0-10.2.0.0 one; 127.0.0.0-127.0.0.1 lo; 10.3.0.0-10.3.255.255 over;
	11.0.0.0-11.0.0.5 x; delete 11.0.0.0-11.0.0.5; 255.255.255.250-255.255.255.254 end; 0.0.0.0-0.255.255.255 zero; 10.0.0.10-10.0.0.12 bb; 10.0.0.19-10.0.0.20 bbb; }
geo $mine { default other; 127.0.0.1 me; }
geo $proxied { default direct; proxy 127.0.0.0/8; 127.0.0.1 me; 10.0.0.0/8 ten; 192.168.0.0/16 lan; 2001:db8::/32 doc; }
geo $recursive { default direct; proxy 127.0.0.1; proxy 10.0.0.0/8; proxy 2001:db8::1; proxy_recursive; 127.0.0.1 me; 10.0.0.0/8 ten; 192.168.0.0/16 lan; 2001:db8::/32 doc; }
geo $arg_ip $nodefault { 10.0.0.0/8 ten; }
geo $arg_ip $all { 0.0.0.0/0 four; ::/0 six; 10.0.0.0/8 ten; }
geo $unset $empty { default d; 255.255.255.255 none; }
`

var geoAddresses = strings.Fields(`0.0.0.0 0.0.0.1 1.2.3.4 9.255.255.255 10.0.0.0 10.0.0.9 10.0.0.10 10.0.0.12 10.0.0.13 10.0.0.18 10.0.0.19 10.0.0.20 10.0.0.21 10.0.0.255 10.0.1.0 10.1.0.0 10.1.2.2 10.1.2.3
	10.1.2.4 10.1.255.255 10.2.0.0 10.2.0.1 10.3.0.0 10.3.255.255 10.4.0.0 10.255.255.254 10.255.255.255 11.0.0.0 11.0.0.5 127.0.0.0 127.0.0.1 127.0.0.2 127.255.255.255 128.0.0.0
	172.15.255.255 172.16.0.0 172.31.255.255 172.32.0.0 192.168.1.0 192.168.1.127 192.168.1.128 192.168.1.255 192.168.2.0 255.255.255.249 255.255.255.250 255.255.255.255
	::1 :: 2001:db8::1 2001:db8:1::1 2001:db8:2:: 2001:db9:: ::ffff:10.1.2.3 ::ffff:1.2.3.4 nonsense 1.2.3 10.0.0.1:80 [::1] fe80::1`)

var forwarded = []string{"", "10.1.1.1", "192.168.1.1", "1.1.1.1, 192.168.0.1", "192.168.0.1, 10.0.0.1", "192.168.0.1,10.0.0.1,10.0.0.2", "nonsense", "10.0.0.1, nonsense", "nonsense, 10.0.0.1", "2001:db8::1",
	"192.168.0.1, 2001:db8::1", "10.0.0.1:80", "[2001:db8::1]:80", "192.168.0.1 10.0.0.1", "192.168.0.1,", ",192.168.0.1", " , ", "127.0.0.1", "192.168.0.1, 127.0.0.1"}

func TestGeoAgainstNginx(t *testing.T) {
	blocks := geoBlocks + `server { listen LISTEN; server_name main.test; if ($arg_no) { set $unset x; } return 200 "$nets|$ranges|$mine|$proxied|$recursive|$nodefault|$all|$empty"; }`
	all := fronts(t, blocks)
	addr := startNginx(t, blocks)
	check := func(target, fields string) {
		if diff := compare(t, addr, all[0], "GET "+target+" HTTP/1.1\r\nHost: main.test\r\n"+fields+"Connection: close\r\n\r\n"); diff != "" {
			t.Errorf("%s %q: %s", target, fields, diff)
		}
	}
	for _, a := range geoAddresses {
		check("/?ip="+a, "")
	}
	for _, list := range forwarded {
		check("/", "X-Forwarded-For: "+list+"\r\n")
		check("/", "X-Forwarded-For: 192.168.3.3\r\nX-Forwarded-For: "+list+"\r\n")
	}
}

// A client without an address, and one of IPv6.
func TestGeoOfOtherClients(t *testing.T) {
	http := load(t, `geo $a { default d; 255.255.255.255 none; ::/0 six; 10.0.0.0/8 ten; }
		geo $b { ranges; default d; 10.0.0.0-10.0.0.1 ten; }`)
	tab := script.NewTable()
	if err := tab.AddBlocks(http); err != nil {
		t.Fatal(err)
	}
	s, _ := script.Compile("$a $b", tab)
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	for remote, want := range map[string]string{"": "none d", "[::1]:1": "six d", "[::ffff:10.0.0.1]:1": "ten ten", "[fe80::1%eth0]:1": "six d"} {
		addr, _ := netip.ParseAddrPort(remote)
		c := request(t, transport{remote: addr}, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if got := string(s.Append(c, nil)); got != want {
			t.Errorf("%q is %s, want %s", remote, got, want)
		}
	}
}

func TestFaultsOfBlocks(t *testing.T) {
	for text, want := range map[string]string{
		"map $uri $a { hostnames; a*b 1; }":                         `invalid hostname or wildcard "a*b"`,
		"map $uri $a { hostnames; *.*.a 1; }":                       `invalid hostname or wildcard "*.*.a"`,
		"map $uri $a { hostnames; .a.b 1; a.b 2; }":                 `conflicting parameter "a.b"`,
		"geo $a { ranges; 1.0.0.0-1.0.0.9 a; 1.0.0.5-1.0.0.20 b; }": `range "1.0.0.5-1.0.0.20" overlaps`,
		`map $uri $a { "~(?<=b)\\K" x; }`:                           `pcre2_compile() failed: `,
		"map $uri $a { ~(?<uri>x) x; }":                             `the duplicate "uri" variable`,
	} {
		err := script.NewTable().AddBlocks(load(t, strings.ReplaceAll(text, "geo $a", "geo $arg_a $a")))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "nginx.conf:3") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
