package server

import (
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/wheelpit/wheelpit/"

// allowed says which packages of this module a package may import, by prefix; the longest prefix of the importer counts.
// Nothing imports upwards, and features of the server never import each other.
var allowed = map[string][]string{
	"pool":                     {},
	"router":                   {},
	"router/routertest":        {"router"},
	"loop":                     {"pool"},
	"loop/http1":               {},
	"pipeline":                 {"loop/http1", "router", "pool"},
	"pipeline/bind":            {"pipeline", "loop/http1"},
	"pipeline/edit":            {"pipeline"},
	"pipeline/middleware":      {"pipeline", "loop/http1", "router", "pool"},
	"pipeline/debugpage":       {"pipeline", "loop/http1", "router", "pool"},
	"pipeline/pipelinetest":    {"pipeline", "loop/http1"},
	"pipeline/conformance":     {"pipeline", "loop/http1", "router", "pool"},
	"pipeline/views":           {"pipeline", "loop/http1", "router"},
	"server":                   {"loop", "pipeline", "router", "pool"},
	"server/static":            {"loop", "pipeline", "router", "pool"},
	"server/conf":              {},
	"server/conf/format":       {"server/conf"},
	"server/script":            {"server/conf", "pipeline", "loop/http1", "pool"},
	"server/front":             {"server", "loop", "pipeline", "router", "pool"},
	"server/errlog":            {},
	"server/master":            {"server/conf", "server/errlog"},
	"server/access":            {"loop/http1", "pipeline"},
	"server/authbasic":         {"loop/http1", "pipeline"},
	"server/authrequest":       {"loop/http1", "pipeline"},
	"server/emptygif":          {"loop/http1", "pipeline"},
	"server/limit":             {"loop/http1", "pipeline"},
	"server/metrics":           {"loop/http1", "pipeline"},
	"server/mirror":            {"loop/http1", "pipeline"},
	"server/randomindex":       {"loop/http1", "pipeline"},
	"server/proxyproto":        {},
	"server/browser":           {"loop/http1", "pipeline"},
	"server/dav":               {"loop/http1", "pipeline"},
	"server/realip":            {"loop/http1", "pipeline"},
	"server/referer":           {"loop/http1", "pipeline"},
	"server/securelink":        {"loop/http1", "pipeline"},
	"server/stubstatus":        {"loop/http1", "pipeline"},
	"server/userid":            {"loop/http1", "pipeline"},
	"server/upstream":          {"server/conf"},
	"server/upstream/health":   {"server/upstream", "server/conf"},
	"server/upstream/admin":    {"server/upstream", "pipeline"},
	"server/nginxtest":         {},
	"server/endtest":           {"pipeline"},
	"server/proxy":             {"server", "loop", "pipeline", "pool"},
	"bench":                    {"bench", "server", "pipeline", "loop", "router", "pool"},
	"cmd":                      {"bench", "server", "pipeline", "loop", "router", "pool"},
	"cmd/examples":             {"cmd/examples/internal", "server", "pipeline", "loop", "router", "pool"},
	"server/filter":            {"pipeline", "loop/http1", "pool"},
	"server/filter/filtertest": {"server", "pipeline"},
	"server/gzip":              {"server/filter", "pipeline", "loop/http1"},
	"server/brotli":            {"server/filter", "pipeline", "loop/http1"},
	"server/zstd":              {"server/filter", "pipeline", "loop/http1"},
	"server/gunzip":            {"server/filter", "pipeline", "loop/http1"},
	"server/headers":           {"server/filter", "server/conf", "pipeline", "loop/http1"},
	"server/charset":           {"server/filter", "pipeline", "loop/http1"},
	"server/sub":               {"server/filter", "pipeline", "loop/http1"},
	"server/addition":          {"server/filter", "pipeline", "loop/http1"},
	"server/xslt":              {"server/xslt/xpath", "server/filter", "pipeline", "loop/http1"},
	"server/xslt/xpath":        {},
	"server/ssi":               {"server/filter", "pipeline", "loop/http1"},
	"pipeline/nethttp":         {"pipeline", "loop/http1", "router", "pool"},

	"pipeline/fasthttpadaptor": {"pipeline", "loop/http1", "router", "pool"},
	// Response filters: they share package filter.
	"server/mp4":   {},
	"server/slice": {"server/filter", "pipeline", "loop/http1"},
	// The protocols of the gateway: bytes in, bytes out. Three of them share the rules of CGI.
	"server/cgi":       {},
	"server/fastcgi":   {"server/cgi"},
	"server/uwsgi":     {"server/cgi"},
	"server/scgi":      {"server/cgi"},
	"server/memcached": {},
	"server/resolver":  {},
	// What the gateway keeps of its answers.
	"server/cache": {"loop/http1", "pool"},
}

func TestImportsPointDownwards(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Skipf("go list does not run here: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, i := range p.Imports {
			if to, ok := strings.CutPrefix(i, module); ok && !permitted(from, to) {
				t.Errorf("%s must not import %s", from, to)
			}
		}
	}
}

func permitted(from, to string) bool {
	rule, best := []string(nil), -1
	for prefix, list := range allowed {
		if within(from, prefix) && len(prefix) > best {
			rule, best = list, len(prefix)
		}
	}
	for _, prefix := range rule {
		if within(to, prefix) {
			return true
		}
	}
	return false
}

func within(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }
