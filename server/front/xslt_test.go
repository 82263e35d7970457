package front_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// xsltServer is the same for NGINX and for this program.
const xsltServer = `
	xslt_string_param p outer; xml_entities %DIR%/e.dtd; types { text/xml xml; text/html html; text/plain txt; }
	server { listen 127.0.0.1:%PORT%; root %DIR%;
		location / { xslt_stylesheet %DIR%/s.xslt; }
		location /params/ { alias %DIR%/; xslt_stylesheet %DIR%/s.xslt "q=$arg_q" other=1; }
		location /unknown/ { alias %DIR%/; xslt_string_param z 1; xslt_stylesheet %DIR%/s.xslt z=1; }
		location /twice/ { alias %DIR%/; xslt_stylesheet %DIR%/s.xslt q=1 q=2; }
		location /own/ { alias %DIR%/; xslt_param q /r/a; xslt_stylesheet %DIR%/s.xslt; }
		location /first/ { alias %DIR%/; xslt_string_param p "x<&'"; xslt_param p 1; xslt_stylesheet %DIR%/s.xslt; }
		location /string/ { alias %DIR%/; xslt_string_param p "x<&'\""; xslt_stylesheet %DIR%/s.xslt; }
		location /broken/ { alias %DIR%/; xslt_stylesheet %DIR%/s.xslt $arg_q; }
		location /chain/ { alias %DIR%/; xslt_stylesheet %DIR%/x.xslt; xslt_stylesheet %DIR%/s.xslt; xslt_last_modified on; }
		location /xml/ { alias %DIR%/; xslt_stylesheet %DIR%/x.xslt; gzip on; gzip_types text/xml; gzip_min_length 1; }
		location /media/ { alias %DIR%/; xslt_stylesheet %DIR%/m.xslt; xslt_types text/plain; }
		location /empty/ { alias %DIR%/; xslt_stylesheet %DIR%/n.xslt; }
		location /stop/ { alias %DIR%/; xslt_stylesheet %DIR%/stop.xslt; }
		location /paged/ { alias %DIR%/; xslt_stylesheet %DIR%/s.xslt; error_page 500 /plain/a.html; }
		location /return { default_type text/xml; return 200 "<r><a>returned</a></r>"; xslt_stylesheet %DIR%/s.xslt; }
		location /proxy/ { proxy_pass http://127.0.0.1:%PORT%/plain/; xslt_stylesheet %DIR%/s.xslt; }
		location /plain/ { alias %DIR%/; }
		location /page/ { alias %DIR%/; ssi on; }
	}`

const xslHead = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">`

// xsltFiles writes what the servers have.
func xsltFiles(t *testing.T, dir string) {
	t.Helper()
	row := "<a>" + strings.Repeat("text ", 20) + "</a>"
	for name, text := range map[string]string{
		"s.xslt": xslHead + `<xsl:output method="html" indent="no"/><xsl:param name="p"/><xsl:param name="q">none</xsl:param>
			<xsl:template match="/"><b>p=<xsl:value-of select="$p"/> q=<xsl:value-of select="$q"/> n=<xsl:value-of select="count(//a)"/>,<xsl:value-of select="//a"/></b></xsl:template></xsl:stylesheet>`,
		"x.xslt":     xslHead + `<xsl:template match="/"><x><xsl:copy-of select="//a[1]"/></x></xsl:template></xsl:stylesheet>`,
		"m.xslt":     xslHead + `<xsl:output method="text" media-type="text/csv" encoding="utf-8"/></xsl:stylesheet>`,
		"n.xslt":     xslHead + `<xsl:output method="text"/><xsl:template match="/"/></xsl:stylesheet>`,
		"stop.xslt":  xslHead + `<xsl:template match="/"><xsl:message terminate="yes">no</xsl:message></xsl:template></xsl:stylesheet>`,
		"e.dtd":      `<!ENTITY known "from the file">`,
		"a.xml":      `<r><a>one</a><a>two</a></r>`,
		"b.xml":      `<!DOCTYPE r [<!ENTITY own "of the document">]><r><a>&own; &known;</a></r>`,
		"ext.xml":    `<!DOCTYPE r [<!ENTITY x SYSTEM "file://` + dir + `/secret">]><r><a>[&x;]</a></r>`,
		"secret":     `secret`,
		"bad.xml":    `<r><a></r>`,
		"cut.xml":    `<r>`,
		"empty.xml":  ``,
		"big.xml":    `<r>` + strings.Repeat(row, 3000) + `</r>`,
		"a.txt":      `<r><a>plain</a></r>`,
		"a.html":     `<r><a>page</a></r>`,
		"page.html":  `before <!--#include virtual="/a.xml" --> behind`,
		"latin1.xml": "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><r><a>\xe9</a></r>",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type xsltAnswer struct {
	head, body string
}

// askXSLT sends a request on a connection of its own.
func askXSLT(t *testing.T, addr, method, target, fields string) xsltAnswer {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s\r\n", method, target, fields)
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return xsltAnswer{head: "no answer"}
	}
	body, err := io.ReadAll(res.Body)
	head := fmt.Sprint(res.StatusCode)
	for _, name := range []string{"Content-Type", "Content-Length", "Etag", "Last-Modified", "Accept-Ranges", "Content-Encoding"} {
		if v := res.Header[name]; v != nil && !(name == "Content-Length" && res.Header["Content-Encoding"] != nil) && // NGINX sends chunks
			!(name == "Accept-Ranges" && strings.HasPrefix(target, "/proxy/")) { // NGINX leaves the upstream's
			head += fmt.Sprintf("\n%s: %s", name, v)
		}
	}
	if strings.Contains(string(body), "<center>nginx") || res.StatusCode >= 400 && method == "HEAD" { // the page names the server
		return xsltAnswer{head: fmt.Sprint(res.StatusCode)}
	}
	return xsltAnswer{head, fmt.Sprintf("%s %v", body, err)}
}

var xsltTargets = []string{
	"/a.xml", "/b.xml", "/big.xml", "/latin1.xml", "/bad.xml", "/cut.xml", "/a.txt", "/a.html", "/none.xml", "/page.html",
	"/params/a.xml?q=/r/a", "/params/a.xml?q=concat(1,2)", "/params/a.xml?q=%27%253a%27", "/own/a.xml", "/first/a.xml", "/string/a.xml", "/unknown/a.xml", "/twice/a.xml", "/broken/a.xml?q=novalue",
	"/broken/a.xml?q=p=((", "/broken/a.xml?q=p=$none", "/chain/a.xml", "/xml/a.xml", "/media/a.xml", "/media/a.txt", "/media/a.html", "/empty/a.xml", "/stop/a.xml", "/return", "/paged/bad.xml",
	"/proxy/a.xml", "/proxy/big.xml", "/proxy/bad.xml", "/proxy/a.txt",
}

// What is answered, to two requests each, because the second finds its file in memory.
func TestXSLT(t *testing.T) {
	dir := t.TempDir()
	xsltFiles(t, dir)
	addr, _ := serve(t, strings.ReplaceAll(xsltServer, "%DIR%", dir))
	for target, want := range map[string]string{
		"/a.xml": "<b>p=outer q=none n=2,one</b>\n", "/b.xml": "<b>p=outer q=none n=1,of the document from the file</b>\n",
		"/ext.xml": "<b>p=outer q=none n=1,[]</b>\n", "/bad.xml": "", "/page/page.html": "before <b>p=outer q=none n=2,one</b>\n behind",
		"/params/a.xml?q=/r/a": "<b>p=outer q=one n=2,one</b>\n", "/chain/a.xml": "<b>p=outer q=none n=1,one</b>\n",
		"/proxy/a.xml": "<b>p=outer q=none n=2,one</b>\n", "/a.txt": "<r><a>plain</a></r>",
	} {
		for range 2 {
			if got := askXSLT(t, addr, "GET", target, "Accept-Encoding: gzip\r\n"); got.body != want && got.body != want+" <nil>" {
				t.Errorf("%s: %q, want %q", target, got, want)
			}
		}
	}
}

// NGINX answers the same, but that NGINX 1.22 has a document name a file (/ext.xml).
func TestXSLTAgainstNginx(t *testing.T) {
	module := os.Getenv("NGINX_XSLT_MODULE")
	if module == "" {
		module = "/usr/lib/nginx/modules/ngx_http_xslt_filter_module.so"
	}
	if _, err := os.Stat(module); err != nil {
		t.Skip("nginx's XSLT module (libnginx-mod-http-xslt-filter) is not installed: there is nothing to compare with")
	}
	dir := t.TempDir()
	xsltFiles(t, dir)
	ours, _ := serve(t, strings.ReplaceAll(xsltServer, "%DIR%", dir))
	prefix := t.TempDir()
	addr := nginxtest.Launch(t, prefix, func(addr string) string {
		_, port, _ := net.SplitHostPort(addr)
		return "load_module " + module + `; daemon off; master_process off; error_log err.log; pid ` + prefix + `/pid; events { } http { access_log off;
		client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;` +
			strings.NewReplacer("%DIR%", dir, "%PORT%", port).Replace(xsltServer) + "}"
	})
	for _, target := range xsltTargets {
		for _, method := range []string{"GET", "HEAD"} {
			if method == "HEAD" && strings.HasPrefix(target, "/proxy/") {
				continue // NGINX takes the body that is not there for one that is not well formed
			}
			for _, fields := range []string{"", "Accept-Encoding: gzip\r\n", "Range: bytes=0-3\r\n", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n"} {
				want, got := askXSLT(t, addr, method, target, fields), askXSLT(t, ours, method, target, fields)
				if strings.HasPrefix(want.body, "\x1f\x8b") && strings.HasPrefix(got.body, "\x1f\x8b") {
					want.body, got.body = "", ""
				}
				if got != want {
					t.Errorf("%s %s %s: %.300q\nnginx %.300q", method, target, fields, got, want)
				}
			}
		}
	}
}
