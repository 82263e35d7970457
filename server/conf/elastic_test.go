package conf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Who asks for several processes is told what they do not share; who has one, with whatever many reactors, is not.
func TestElasticProcessesAreWarnedOf(t *testing.T) {
	const text = `events { }
http {
	proxy_cache_path /tmp/c keys_zone=c:1m;
	limit_req_zone $uri zone=l:1m rate=1r/s;
	upstream a { zone z 64k; server 127.0.0.1:1; sticky cookie x; }
	upstream b { server 127.0.0.1:1; sticky learn create=$upstream_cookie_a lookup=$cookie_a zone=y:1m; }
	server { location / { proxy_pass http://a; health_check; } location /api { upstream_api; } }
}`
	for first, want := range map[string]int{"": 0, "worker_processes auto; ": 0, "worker_processes 8; ": 0, "worker_processes 1 elastic=100r/s; ": 5} {
		file := filepath.Join(t.TempDir(), "nginx.conf")
		if err := os.WriteFile(file, []byte(first+text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, errs := Load(file, Options{})
		var got []string
		for _, e := range errs {
			if e.Level == Warn && strings.Contains(e.Message, "each worker process") {
				got = append(got, e.Message)
			}
		}
		if errs.Failed() || len(got) != want {
			t.Errorf("%q: %v %q, want %d", first, errs, got, want)
		}
	}
}
