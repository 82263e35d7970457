package front_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The corpus is testdata/GROUP/NAME.conf: the inside of http { }, in which %PORT% to %PORT2% are ports of loopback, %DIR% is
// the prefix and %LOG% a directory whose files are compared at the end. In its comments are
//
//	#> GET /a.txt Accept: x|Body: content   a request; its fields, if any, are separated by "|"; Body has its Content-Length
//	#> :1 @127.0.0.2 GET /                  the same to the port %PORT1%, from another address
//	#> 1.0 GET /                            the same with HTTP/1.0 and no Host; 0.9 sends one line
//	#> raw GET / HTTP/1.1\r\n\r\n           bytes as they are, with Go's escapes; all that comes back is compared, and whether
//	                                        the connection is closed
//	#+ html/page.shtml text\n               a file beside those of site, with Go's escapes
//	#= /path HTTP/1.1 200 OK\r\n\r\n      what the server at %BACKEND% answers; see backend_test.go
//
// Every request is sent twice to each server.

// request is a line "#>" of the corpus.
type request struct {
	text    string        // as it stands
	port    int           // 0 to 2
	from    string        // the address of the client
	version string        // "1.1", "1.0", "0.9" or "raw"
	words   string        // what follows
	quiet   time.Duration // how long a server may say nothing before its connection counts as kept open
}

// corpus is what the comments of a file say.
type corpus struct {
	requests []request
	files    map[string]string
	answers  map[string]string // of the backend, by path
}

func parseCorpus(t *testing.T, text string) (c corpus) {
	c.files, c.answers = map[string]string{}, map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if rest, ok := strings.CutPrefix(line, "#> "); ok {
			c.requests = append(c.requests, parseRequest(rest))
		}
		if rest, ok := strings.CutPrefix(line, "#= "); ok {
			path, answer, _ := strings.Cut(rest, " ")
			c.answers[path] = unescape(t, answer)
		}
		if rest, ok := strings.CutPrefix(line, "#+ "); ok {
			name, content, _ := strings.Cut(rest, " ")
			c.files[name] = unescape(t, content)
		}
	}
	if len(c.requests) == 0 {
		t.Fatal("no requests")
	}
	return c
}

func parseRequest(text string) request {
	r := request{text: text, version: "1.1", words: text}
	for {
		word, rest, _ := strings.Cut(r.words, " ")
		switch {
		case word == "1.0" || word == "0.9" || word == "raw":
			r.version = word
		case strings.HasPrefix(word, ":"):
			_, _ = fmt.Sscanf(word, ":%d", &r.port)
		case strings.HasPrefix(word, "@"):
			r.from = word[1:]
		default:
			return r
		}
		r.words = rest
	}
}

func unescape(t *testing.T, s string) string {
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return text
}

// wire returns the bytes of a request.
func (r request) wire(port string) string {
	words := strings.ReplaceAll(r.words, "%PORT%", port)
	if r.version == "raw" {
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(words, `"`, `\"`) + `"`)
		if err != nil {
			panic(fmt.Sprintf("%q: %v", r.words, err))
		}
		return text
	}
	if r.version == "0.9" {
		return words + "\r\n"
	}
	method, rest, _ := strings.Cut(words, " ")
	target, fields, some := strings.Cut(rest, " ")
	head, host, body := method+" "+target+" HTTP/"+r.version+"\r\n", "Host: localhost\r\n", ""
	if r.version == "1.0" {
		host = ""
	}
	if some {
		for field := range strings.SplitSeq(fields, "|") {
			if text, ok := strings.CutPrefix(field, "Body: "); ok {
				body = text
				field = "Content-Length: " + strconv.Itoa(len(text))
			}
			if strings.HasPrefix(field, "Host:") {
				host = ""
			}
			head += field + "\r\n"
		}
	}
	return head + host + "\r\n" + body
}

// old is when the files of the site were modified.
var old = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)

// site makes the files that the corpus serves, in a new directory.
func site(t *testing.T, more map[string]string) string {
	dir := t.TempDir()
	for _, files := range []map[string]string{siteFiles, more} {
		for name, text := range files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"ours", "theirs"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, top := range []string{"html", "other"} {
		err := filepath.Walk(filepath.Join(dir, top), func(path string, _ os.FileInfo, err error) error {
			if err != nil {
				return err
			}
			return os.Chtimes(path, old, old)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var siteFiles = map[string]string{
	"html/index.html": "index\n", "html/a.txt": "0123456789\n", "html/b.html": "<b>\n", "html/50x.html": "sorry\n", "html/404.html": "nothing here\n",
	"html/dir/index.html": "dir index\n", "html/dir/x.txt": "x in dir\n", "html/list/one.txt": "1", "html/list/two.bin": "22", "html/list/sub/s.txt": "s",
	"html/empty.txt": "", "html/sp ace.txt": "space\n", "html/.hidden": "hidden\n", "other/a.txt": "other a\n", "other/index.htm": "other index\n",
	"html/php/index.php": "php source\n", "other/only.txt": "only here\n", "html/a.unknown": "?\n", "logs/empty": "", "html/.htpasswd": "u:{PLAIN}p\n",
	"html/ssi/page.html": "a<!--#include virtual=\"/a.txt\" -->b<!--#echo var=\"args\" -->c\n",
	"html/ssi/if.html":   "<!--#if expr=\"$arg_q = 1\" -->yes<!--#else -->no<!--#endif -->\n",
	"html/big.txt":       strings.Repeat("All work and no play makes Jack a dull boy.\n", 100),
	"html/big.html":      "<html><head></head><body>" + strings.Repeat("<p>text</p>\n", 200) + "</body></html>\n",
}
