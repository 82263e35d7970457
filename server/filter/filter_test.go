package filter_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/filter"
)

func TestSafeURI(t *testing.T) {
	for uri, want := range map[string][2]string{
		"/a": {"/a", ""}, "/a?b=c": {"/a", "b=c"}, "/a?": {"/a", ""}, "a/b?c?d": {"a/b", "c?d"}, "/a%20b": {"/a b", ""}, "/a%3fb?c%3f": {"/a?b", "c%3f"}, "/..a/b..": {"/..a/b..", ""}, "/%zz": {"/%zz", ""}, "/a?../..": {"/a", "../.."},
		"": {}, "?a": {}, "..": {}, "/..": {}, "/../a": {}, "/a/../b": {}, "/%2e%2e/a": {}, "/%2E./a": {}, "/a%2f..%2fb": {}, "/a\x00": {}, "/a%00": {},
	} {
		path, args, ok := filter.SafeURI(uri)
		if path != want[0] || args != want[1] || ok != (want[0] != "") {
			t.Errorf("%q: %q, %q, %t", uri, path, args, ok)
		}
	}
}

func TestTypes(t *testing.T) {
	some, defaults, all := filter.NewTypes([]string{"text/css", "TEXT/CSS"}, "a/b"), filter.NewTypes(nil, "a/b"), filter.NewTypes([]string{"a/b", "*"})
	for value, want := range map[string][3]bool{
		"text/css": {true, false, true}, "Text/CSS; charset=x": {true, false, true}, "text/html ;x": {true, false, true}, "a/b": {false, true, true}, "": {false, false, true}, "text/cssx": {false, false, true},
	} {
		if got := [3]bool{some.Has(value), defaults.Has(value), all.Has(value)}; got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestWeakETag(t *testing.T) {
	for before, want := range map[string]string{"": "", `"x"`: `W/"x"`, `W/"x"`: `W/"x"`, "x": ""} {
		c := pipelinetest.NewCtx(t, "GET", "/")
		if before != "" {
			_ = c.SetHeader("ETag", before)
		}
		if filter.WeakETag(c); c.ResponseHeader("ETag") != want {
			t.Errorf("%q: %q, want %q", before, c.ResponseHeader("ETag"), want)
		}
	}
}

// What a filter makes a stream stays what it was when the handler has returned, and its files are given back.
func TestStreamed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(strings.Repeat("file", 50000)), 0o600); err != nil {
		t.Fatal(err)
	}
	own := []byte("own ")
	c := pipelinetest.NewCtx(t, "GET", "/")
	_ = c.SetHeader("X", "1")
	if err := c.SendFile("text/plain", name); err != nil {
		t.Fatal(err)
	}
	file := c.Res().Parts()[0].File.Acquire()
	defer file.Release()
	c.AddPart(pipeline.Part{Bytes: own})
	c.AddPart(pipeline.Part{Bytes: []byte("static"), Static: true})
	filter.Streamed(c)
	copy(own, "gone")
	pipelinetest.Of(t, c).AssertBody(strings.Repeat("file", 50000)+"own static").AssertHeader("X", "1")
	if n := c.Res().StreamLength(); n != 200010 {
		t.Errorf("its length is %d", n)
	}

	if err := os.Truncate(name, 100); err != nil {
		t.Fatal(err)
	}
	c = pipelinetest.NewCtx(t, "GET", "/")
	c.SetStatus(200)
	c.AddPart(pipeline.Part{File: file.Acquire(), N: 200000})
	filter.Streamed(c)
	if res := pipelinetest.Of(t, c); len(res.Body) != 100 || !errors.Is(res.BodyErr, io.ErrUnexpectedEOF) {
		t.Errorf("a file that became shorter: %d bytes, %v", len(res.Body), res.BodyErr)
	}
}
