package script_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/script"
)

// sameVariables have the same value in both, each shown between brackets.
var sameVariables = strings.Fields(`args binary_remote_addr content_length content_type document_uri host http_host http_cookie http_referer
	http_user_agent http_via http_x_custom http_x_forwarded_for https is_args arg_a arg_b_c arg_ cookie_a cookie_b_c cookie_none pipe
	query_string remote_addr remote_port remote_user request request_body request_body_file request_completion request_method request_uri scheme
	server_addr server_name server_port server_protocol uri proxy_protocol_addr proxy_protocol_port limit_rate body_bytes_sent bytes_sent
	sent_http_location sent_http_x_none sent_trailer_x hostname time_local time_iso8601 1 date_gmt date_local realip_remote_addr realip_remote_port
	proxy_add_x_forwarded_for`)

// moduleVariables are those of modules that have nothing to do with the request.
var moduleVariables = strings.Fields(`gzip_ratio limit_conn_status limit_req_status proxy_host proxy_port secure_link secure_link_expires
	slice_range ssl_cipher ssl_protocol ssl_client_verify ssl_server_name ssl_session_reused uid_got uid_set upstream_addr upstream_status
	upstream_response_time upstream_cache_status upstream_http_x upstream_cookie_x upstream_trailer_x ancient_browser http2 invalid_referer modern_browser msie uid_reset`)

// shapes are the forms of values that differ from run to run.
var shapes = map[string]string{
	"msec": `\d{10}\.\d{3}`, "request_id": `[0-9a-f]{32}`, "request_time": `0\.\d{3}`, "pid": `\d+`, "connection": `\d+`, "connection_requests": `\d+`,
	"connection_time": `\d+\.\d{3}`, "nginx_version": `1\.\d+\.\d+`, "request_length": `\d+`, "tcpinfo_rtt": `\d*`, "status": `\d{3}`,
	"time_local": `\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}`, "time_iso8601": `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d`,
}

// variableRequests are requests without the fields that all have. None has a comma between cookies, which NGINX took for a
// separator until 1.23.
var variableRequests = []string{
	"GET / HTTP/1.1\r\n", "GET /a?b HTTP/1.1\r\n", "GET /a? HTTP/1.1\r\n", "GET /a?? HTTP/1.1\r\n", "OPTIONS / HTTP/1.1\r\n", "DELETE /x HTTP/1.1\r\n", "GET /a%20b?%20 HTTP/1.1\r\n",
	"GET /a?a=1&b=2&a=3 HTTP/1.1\r\n", "GET /a?A=1&b_c=2 HTTP/1.1\r\n", "GET /a?aa=1&ba=2&=3&a HTTP/1.1\r\n", "GET /a?a==&a=1 HTTP/1.1\r\n", "GET /a?xa=0&a=1 HTTP/1.1\r\n", "GET /a?a HTTP/1.1\r\n",
	"GET /a?&&a=&b_c=%41+ HTTP/1.1\r\n", "GET /a/../b/./c//d HTTP/1.1\r\n", "GET /x?a=1?a=2 HTTP/1.1\r\n", "GET /x;a=1 HTTP/1.1\r\n", "GET /a+b?a=+ HTTP/1.1\r\n",
	"GET http://other.test/p?q HTTP/1.1\r\n", "GET http://Other.Test:81/p HTTP/1.1\r\n", "GET http://other.test HTTP/1.1\r\n", "GET http://other.test?q=1 HTTP/1.1\r\n", "GET / HTTP/1.0\r\n",
	"\r\nGET / HTTP/1.1\r\n",
	"GET / HTTP/1.1\r\nCookie: a=1\r\n", "GET / HTTP/1.1\r\nCookie: a=1; b_c=2; a=3\r\n", "GET / HTTP/1.1\r\nCookie: A=1;b_c = x y ;c\r\n", "GET / HTTP/1.1\r\nCookie: aa=1; xa=2\r\n",
	"GET / HTTP/1.1\r\nCookie: a\r\n", "GET / HTTP/1.1\r\nCookie: a=\r\n", "GET / HTTP/1.1\r\nCookie: ;;a=1;\r\n", "GET / HTTP/1.1\r\nCookie: a=1; =2\r\n", "GET / HTTP/1.1\r\nCookie: a==1\r\n",
	"GET / HTTP/1.1\r\nCookie: x=1\r\nCookie: a=2\r\n", "GET / HTTP/1.1\r\nCookie:\r\n", "GET / HTTP/1.1\r\nCookie: a =1\r\n", "GET / HTTP/1.1\r\nCookie:   a=  1  \r\n",
	"GET / HTTP/1.1\r\nUser-Agent: x/1\r\nReferer: http://r/\r\nVia: 1.1 v\r\n", "GET / HTTP/1.1\r\nX-Custom: one\r\n", "GET / HTTP/1.1\r\nX-CUSTOM:  sp aced \r\n", "GET / HTTP/1.1\r\nX-Custom:\r\n", "GET / HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\n",
	"GET / HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n",
	"GET / HTTP/1.1\r\nAuthorization: Basic dXNlcjpwYXNz\r\n", "GET / HTTP/1.1\r\nAuthorization: basic   dXNlcjpwYXNz\r\n", "GET / HTTP/1.1\r\nAuthorization: Basic dXNlcg==\r\n", "GET / HTTP/1.1\r\nAuthorization: Basic dXNlcjo\r\n",
	"GET / HTTP/1.1\r\nAuthorization: Basic OnBhc3M=\r\n", "GET / HTTP/1.1\r\nAuthorization: Bearer x\r\n", "GET / HTTP/1.1\r\nAuthorization: Basic !!\r\n", "GET / HTTP/1.1\r\nAuthorization: Basic\r\n",
	"GET / HTTP/1.1\r\nContent-Type: text/x\r\n", "GET / HTTP/1.1\r\nContent-Length: 0\r\n", "POST / HTTP/1.1\r\nContent-Length: 000\r\nContent-Type: a/b; c=d\r\n", "PUT /x HTTP/1.1\r\nX-Custom: caf\xc3\xa9\r\n",
}

// hostRequests bring their own Host.
var hostRequests = []string{
	"GET / HTTP/1.1\r\nHost: MAIN.Test\r\n", "GET / HTTP/1.1\r\nHost: main.test:8080\r\n", "GET / HTTP/1.1\r\nHost: main.test.\r\n", "GET / HTTP/1.1\r\nHost: main.test.:1\r\n", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n",
	"GET / HTTP/1.1\r\nHost: [::A]\r\n", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", "GET / HTTP/1.1\r\nHost: main.test:\r\n", "GET / HTTP/1.1\r\nHost: main_x-1.test\r\n", "GET / HTTP/1.0\r\n",
	"GET http://X.test:9/ HTTP/1.1\r\nHost: main.test:1\r\n",
}

func TestVariablesAgainstNginx(t *testing.T) {
	var body strings.Builder
	for _, name := range sameVariables {
		fmt.Fprintf(&body, "%s=[${%s}]\n", name, name)
	}
	text := strings.ReplaceAll(body.String(), "${1}", "$1")
	blocks := "server { listen LISTEN; server_name main.test; return 200 '" + text + "'; }"
	all := fronts(t, blocks)
	addr := startNginx(t, blocks)
	check := func(raw string) {
		diff := compare(t, addr, all[0], raw)
		if diff != "" {
			diff = compare(t, addr, all[0], raw) // unless another second had begun
		}
		if diff != "" {
			t.Errorf("%q: %s", raw, firstDifference(diff))
		}
	}
	for _, raw := range variableRequests {
		check(raw + "Host: main.test\r\nConnection: close\r\n\r\n")
	}
	for _, raw := range hostRequests {
		check(raw + "Connection: close\r\n\r\n")
	}
	t.Logf("%d variables of %d requests compared", len(sameVariables), len(variableRequests)+len(hostRequests))
}

// What a log shows of the variables of modules: "-" or nothing.
func TestModuleVariablesAgainstNginx(t *testing.T) {
	text := "$" + strings.Join(moduleVariables, "|$")
	file := filepath.Join(t.TempDir(), "log")
	blocks := "log_format f '" + text + "'; server { listen LISTEN; server_name x; access_log " + file + " f; return 200; }"
	addr := startNginx(t, blocks)
	if _, err := ask(t, addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	tab := script.NewTable()
	s, _ := script.Compile(text, tab)
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	got := string(s.AppendLog(get(t, "/"), nil, script.EscapeDefault)) + "\n"
	if want := readLog(file, len(got)); got != want {
		t.Errorf("%s\n%snginx has\n%s", text, got, want)
	}
}

// readLog reads what nginx writes to a log when a connection is closed.
func readLog(file string, size int) string {
	var b []byte
	for range 6000 {
		if b, _ = os.ReadFile(file); len(b) >= size {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return string(b)
}

// firstDifference shortens two long bodies to their first lines that differ.
func firstDifference(diff string) string {
	ours, theirs, ok := strings.Cut(diff, ", nginx has\n")
	if !ok {
		return diff
	}
	a, b := strings.Split(ours, `\n`), strings.Split(theirs, `\n`)
	for i := range min(len(a), len(b)) {
		if strings.TrimSpace(a[i]) != strings.TrimSpace(b[i]) && i > 0 {
			return a[i] + ", nginx has " + b[i]
		}
	}
	return diff
}

func TestShapesOfVariables(t *testing.T) {
	for name, shape := range shapes {
		tab := script.NewTable()
		s, _ := script.Compile("${"+name+"}", tab)
		if err := tab.Resolve(); err != nil {
			t.Fatal(err)
		}
		got := string(s.Append(get(t, "/"), nil))
		if !regexp.MustCompile("^(?:" + shape + ")$").MatchString(got) {
			t.Errorf("$%s is %q", name, got)
		}
	}
}
