package resolver

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// With the same name server, NGINX can and cannot resolve the same names, and says it in the same words.
func TestAgainstNginx(t *testing.T) {
	f := newFake(t, func(q asked) [][]byte {
		if q.name == "silent.example" {
			return nil
		}
		return zone(q)
	})
	location := "location /%s { resolver %s; resolver_timeout %s; proxy_connect_timeout 1ms; proxy_pass http://$arg_h:9/; }\n"
	s := nginxtest.Start(t, t.TempDir(), "", fmt.Sprintf(location, "", f.addr, "1m")+fmt.Sprintf(location, "silent", f.addr, "300ms"))
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}})
	for _, name := range []string{
		"nx.example", "servfail.example", "half.example", "notimp.example", "refused.example", "empty.example", "dangling.example",
		"loop.example", "silent.example", "a..example", "NX.Example", "four.example", "cut.example", "both.example", "id.example", "formerr.example",
	} {
		before, path, limit := len(s.Log()), "/", time.Minute
		if name == "silent.example" {
			path, limit = "/silent", 300*time.Millisecond
		}
		s.Do("", "GET "+path+"?h="+name+" HTTP/1.1\r\nHost: h\r\n")
		log := s.Log()[before:]
		res := wait(t, func(done func(Result)) { r.Lookup(name, limit, done) })
		words := "while connecting to upstream"
		if res.Err != nil {
			words = res.Err.Error()
		}
		if !strings.Contains(strings.ToLower(log), strings.ToLower(words)) {
			t.Errorf("%s: %q is not in nginx's %q", name, words, log)
		}
	}
}
