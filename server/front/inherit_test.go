package front_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// add_header_inherit says whose fields a block adds (it came with NGINX 1.29.3, so the corpus cannot ask an older one).
func TestAddHeaderInherit(t *testing.T) {
	addr, _ := serve(t, `add_header X http; server {
		listen 127.0.0.1:%PORT%; add_header X server;
		location /on { add_header X own; return 204; }
		location /none { return 204; }
		location /off { add_header_inherit off; return 204; }
		location /merge { add_header_inherit merge; add_header X own; return 204;
			location /merge/in { add_header X in; return 204; }
			location /merge/none { return 204; }
		}
	}`)
	for target, want := range map[string]string{
		"/on": "own", "/none": "server", "/off": "", "/merge": "own server", "/merge/in": "in own server", "/merge/none": "own server",
	} {
		conn := dial(t, addr)
		_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", target)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(res.Header["X"], " "); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
}
