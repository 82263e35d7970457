package front_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The body of a request that is passed on is in memory, or in a file that is kept, that goes with the request, or that has lost its
// name when it is told. The upstream gets it each time.
func TestBodyInFile(t *testing.T) {
	const vars = `add_header X-File "<$request_body_file>"; add_header X-Body "<$request_body>"; proxy_pass http://127.0.0.1:%PORT%/echo;`
	addr, dir := serve(t, `client_body_temp_path %DIR%/t 1 2; client_body_buffer_size 1k; server {
		listen 127.0.0.1:%PORT%;
		location /off { `+vars+` }
		location /on { client_body_in_file_only on; `+vars+` }
		location /clean { client_body_in_file_only clean; `+vars+` }
		location /again { client_body_in_file_only clean; proxy_intercept_errors on; error_page 503 = @on; proxy_pass http://127.0.0.1:%PORT%/503; }
		location @on { client_body_in_file_only clean; add_header X-File "<$request_body_file>"; rewrite ^ /echo break; proxy_pass http://127.0.0.1:%PORT%; }
		location = /503 { return 503; }
		location = /echo { add_header X-Length $content_length; return 200 ok; }
	}`)
	if err := os.Mkdir(filepath.Join(dir, "t"), 0o700); err != nil { // the master does it
		t.Fatal(err)
	}
	short, long := "0123456789", strings.Repeat("0123456789", 200)
	name := regexp.MustCompile(`X-File: <(.*?)>`)
	for _, test := range []struct {
		path, body string
		file, left bool
	}{
		{"/off", short, false, false}, {"/off", long, true, false}, {"/on", short, true, true}, {"/on", long, true, true},
		{"/clean", short, true, false}, {"/clean", long, true, false}, {"/off", "", false, false}, {"/on", "", false, false},
	} {
		for _, request := range []string{
			fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(test.body), test.body),
			fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(test.body), test.body),
		} {
			if test.body == "" && strings.HasPrefix(request, "T") {
				continue // "0" twice
			}
			answer := raw(t, addr, "POST "+test.path+" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"+request)
			if n := fmt.Sprintf("X-Length: %d\r\n", len(test.body)); !strings.Contains(answer, n) && test.body != "" {
				t.Errorf("%s: the upstream has not got %d bytes: %q", test.path, len(test.body), answer)
			}
			if in := strings.Contains(answer, "X-Body: <"+test.body+">"); in != (!test.file) {
				t.Errorf("%s with %d bytes: in memory %t", test.path, len(test.body), in)
			}
			file := ""
			if m := name.FindStringSubmatch(answer); m != nil {
				file = m[1]
			}
			if (file != "") != test.file {
				t.Errorf("%s with %d bytes: file %q", test.path, len(test.body), file)
				continue
			}
			if file == "" {
				continue
			}
			if levels := regexp.MustCompile(`/t/(\d)/(\d\d)/\d{7}(\d\d)(\d)\d*$`).FindStringSubmatch(file); levels == nil || levels[1] != levels[4] || levels[2] != levels[3] {
				t.Errorf("file %q", file)
			}
			if text, err := os.ReadFile(file); test.left && (err != nil || string(text) != test.body) {
				t.Errorf("%s: %q, %v", test.path, text, err)
			}
			for end := time.Now().Add(time.Minute); !test.left; time.Sleep(time.Millisecond) {
				if _, err := os.Stat(file); os.IsNotExist(err) {
					break
				} else if time.Now().After(end) {
					t.Errorf("%s: %q is left", test.path, file)
					break
				}
			}
		}
	}
	answer := raw(t, addr, "POST /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10\r\n\r\n"+short)
	if !strings.Contains(answer, "X-Length: 10\r\n") || !strings.Contains(answer, "X-File: <"+dir) {
		t.Errorf("passed on again: %q", answer)
	}
}
