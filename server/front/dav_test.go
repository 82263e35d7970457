package front_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What changes files: statuses and what is there afterwards. NGINX's own tests of the module run beside these.
func TestDav(t *testing.T) {
	addr, dir := serve(t, `server {
		listen 127.0.0.1:%PORT%; root %DIR%/r; client_max_body_size 20;
		location / { dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on; }
		location /i/ { alias %DIR%/r/; dav_methods COPY; }
		location /no/ { dav_methods off; }
	}`)
	for _, name := range []string{"r/no", "r/empty"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		line, fields, body string
		status             int
		file, text         string // afterwards; "-" for no file
	}{
		{"PUT /a", "", "one", 201, "a", "one"},
		{"PUT /a", "", "two", 204, "a", "two"},
		{"PUT /new/deep/a", "", "three", 201, "new/deep/a", "three"},
		{"PUT /large", "", "123456789012345678901", 413, "large", "-"},
		{"PUT /no/a", "", "x", 405, "no/a", "-"},
		{"COPY /a", "Destination: /b", "", 204, "b", "two"},
		{"COPY /a", "Destination: /x/../c%20d", "", 204, "c d", "two"},
		{"COPY /a", "Destination: /../b", "", 400, "a", "two"},
		{"COPY /a", "Destination: /a", "", 403, "a", "two"},
		{"COPY /new/", "Destination: /new/in/", "", 403, "new/in", "-"},
		{"COPY /i/a", "Destination: /e", "", 400, "e", "-"},
		{"COPY /i/a", "Destination: /i/e", "", 204, "e", "two"},
		{"MOVE /b", "Destination: /made/b", "", 204, "made/b", "two"},
		{"MOVE /new/", "Destination: /moved/", "", 201, "moved/deep/a", "three"},
		{"MKCOL /col/", "", "", 201, "col/a", "-"},
		{"DELETE /a", "", "", 204, "a", "-"},
		{"DELETE /moved/", "", "", 204, "moved/deep/a", "-"},
	} {
		conn := dial(t, addr)
		_, _ = fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %d\r\n", x.line, len(x.body))
		if x.fields != "" {
			_, _ = io.WriteString(conn, x.fields+"\r\n")
		}
		_, _ = io.WriteString(conn, "\r\n"+x.body)
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || res.StatusCode != x.status {
			t.Errorf("%s: %v, %v", x.line, res, err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "r", x.file))
		if err != nil {
			text = []byte("-")
		}
		if string(text) != x.text {
			t.Errorf("%s: %s is %q", x.line, x.file, text)
		}
	}
}

// A body that breaks off leaves nothing behind, and not the file it was to replace either way changed.
func TestDavBrokenOff(t *testing.T) {
	addr, dir := serve(t, `server { listen 127.0.0.1:%PORT%; root %DIR%; location / { dav_methods PUT; } }`)
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("whole"), 0o644); err != nil {
		t.Fatal(err)
	}
	conn := dial(t, addr)
	_, _ = io.WriteString(conn, "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf")
	begun := func() bool {
		left, _ := filepath.Glob(filepath.Join(dir, ".put-*"))
		return len(left) > 0
	}
	eventually(t, "the file is begun", begun)
	_ = conn.Close()
	eventually(t, "and removed", func() bool { return !begun() })
	if text, _ := os.ReadFile(filepath.Join(dir, "a")); string(text) != "whole" {
		t.Errorf("%q", text)
	}
}
