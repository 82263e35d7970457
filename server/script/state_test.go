package script_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/wheelpit/wheelpit/server/script"
)

// A request leaves the read buffer while it waits: what it keeps must not lie there.
func TestValuesSurviveTheHead(t *testing.T) {
	http := load(t, `map $arg_a $m { ~^(?<n>.*)$ "$n$1"; } server { server_name x; set $x $request_uri; set $y $m; if ($uri ~ ^/(.*)$) { set $z $1; }
		rewrite ^/(.*)$ /new/$1?args=$1? break; }`)
	tab := script.NewTable()
	if err := tab.AddBlocks(http); err != nil {
		t.Fatal(err)
	}
	p, err := script.NewProgram(tab, http.Find("server").Children(), script.ProgramOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := script.Compile("$x|$y|$z|$1|$n|$uri?$args|$request_method|$host", tab)
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	c := get(t, "/path?a=b")
	p.Run(c)
	head := c.HeadBytes()
	moved := bytes.Clone(head)
	for i := range head {
		head[i] = '!'
	}
	c.Rebase(moved)
	if got, want := string(s.Append(c, nil)), "/path?a=b|bb|path|path|b|/new/path?args=path|GET|example.com"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Functions of OnClose that were added behind the state's own read variables when it is gone.
func TestVariablesAfterRelease(t *testing.T) {
	tab := script.NewTable()
	v, _ := tab.AddUser("x")
	s, _ := script.Compile("[$x$1$uri]", tab)
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	c, err := parse(transport{}, "GET /p HTTP/1.1\r\nHost: x\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	v.Set(c, []byte("kept"))
	got := ""
	c.OnClose(func() { got = string(s.Append(c, nil)) })
	c.Reset()
	if got != "[/p]" {
		t.Errorf("got %s", got)
	}
	next := get(t, "/q")
	if got := string(s.Append(next, nil)); got != "[/q]" {
		t.Errorf("the next request has %s", got)
	}
}

// Scripts and programs belong to all goroutines.
func TestManyRequestsAtOnce(t *testing.T) {
	http := load(t, `map $arg_a $m { ~^(.)(.*)$ "$2$1"; } geo $g { default d; } server { server_name x; set $x $arg_a; if ($x ~ ^(\d)(\d)$) { set $y $2$1; } return 200 "$m$y$g"; }`)
	tab := script.NewTable()
	if err := tab.AddBlocks(http); err != nil {
		t.Fatal(err)
	}
	p, err := script.NewProgram(tab, http.Find("server").Children(), script.ProgramOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 200 {
				a, b := (i+worker)%10, i/10%10
				c, err := parse(transport{}, fmt.Sprintf("GET /?a=%d%d HTTP/1.1\r\nHost: x\r\n\r\n", a, b))
				if err != nil {
					t.Error(err)
					return
				}
				if got, want := string(p.Run(c).Text), fmt.Sprintf("%d%d%d%dd", b, a, b, a); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				c.Reset()
			}
		})
	}
	wg.Wait()
}
