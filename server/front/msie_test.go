package front_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// msie_refresh makes a page of a redirect, for MSIE alone.
func TestMSIERefresh(t *testing.T) {
	addr, _ := serve(t, `server { listen 127.0.0.1:%PORT%; msie_refresh on;
		location /a { return 302 "/b ?x=%20'é"; }
		location /page { return 404; error_page 404 =301 http://other/; }
		location /seen { return 303 /b; }
		location /none { return 301; }
		location /off { msie_refresh off; return 301 /b; } }`)
	for _, c := range []struct {
		path, agent, page string
		status            int
	}{
		{"/a", "Mozilla/4.0 (compatible; MSIE 6.0)", "/b%20?x=%2520%27%C3%A9", 200},
		{"/a", "Mozilla/5.0", "", 302},
		{"/a", "MSIE ", "", 302},
		{"/a", "MSIE 9", "", 302},
		{"/a", "MSIE 9.0; Opera", "", 302},
		{"/page", "MSIE 9.0", "http://other/", 200},
		{"/seen", "MSIE 9.0", "", 303},
		{"/none", "MSIE 9.0", "", 301},
		{"/off", "MSIE 9.0", "", 301},
	} {
		conn := dial(t, addr)
		_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: h\r\nUser-Agent: %s\r\nConnection: close\r\n\r\n", c.path, c.agent)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != c.status {
			t.Errorf("%s, %q: %d %q, %v", c.path, c.agent, resp.StatusCode, body, err)
		}
		want := `<html><head><meta http-equiv="Refresh" content="0; URL=` + c.page + "\"></head><body></body></html>\r\n"
		if c.page != "" && (string(body) != want || resp.Header.Get("Location") != "" || resp.Header.Get("Content-Type") != "text/html") {
			t.Errorf("%s: %v %q, want %q", c.path, resp.Header, body, want)
		}
	}
}
