package front

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/randomindex"
	"github.com/wheelpit/wheelpit/server/static"
)

// typeTable is a types block in effect, with default_type.
type typeTable struct {
	byExt map[string]string
	deflt string
	table *static.Types
	key   string
}

// defaultTypes are what NGINX knows without a types block.
var defaultTypes = map[string]string{"html": "text/html", "gif": "image/gif", "jpg": "image/jpeg"}

// types compiles types and default_type.
func (b *builder) types(s *scope) *static.Types { return b.typeTable(s).table }

func (b *builder) typeTable(s *scope) *typeTable {
	byExt := defaultTypes
	blocks := s.all("types")
	key := s.text("default_type", "text/plain")
	for _, d := range blocks {
		key += fmt.Sprintf(" %p", d)
	}
	if t := b.typed[key]; t != nil {
		return t
	}
	if len(blocks) > 0 {
		byExt = map[string]string{}
		for _, d := range blocks {
			for e := range d.Children() {
				for _, ext := range e.Args {
					byExt[strings.ToLower(ext)] = e.Name
				}
			}
		}
	}
	t := &typeTable{byExt: byExt, deflt: s.text("default_type", "text/plain"), key: key}
	t.table = static.NewOnlyTypes(byExt, t.deflt)
	b.typed[key] = t
	return t
}

// dir compiles root and alias.
func (b *builder) dir(s *scope, l *location, m *conf.LocationMatch) (d dir) {
	d.root = value{text: strings.TrimSuffix(b.path("html"), "/")}
	for in := s; in != nil; in = in.outer {
		if a := first(in.own["alias"]); a != nil {
			parts, _ := a.Value.(conf.Script)
			d.root, d.alias, d.strip = b.rooted(parts, false), prefixAlias, len(aliasOf(in))
			if kind := matchOf(in).Kind; kind == conf.Regex || kind == conf.RegexNoCase {
				d.alias = wholeAlias
			}
			break
		}
		if a := first(in.own["root"]); a != nil {
			parts, _ := a.Value.(conf.Script)
			d.root = b.rooted(parts, true)
			break
		}
	}
	base, links := b.symlinks(s, &d)
	root := d.root.text
	if d.whole = d.root.run != nil || d.alias != noAlias || links != static.Follow && base != root; d.whole {
		root, d.inner = base, value{text: strings.TrimPrefix(cleaned(d.root.text), strings.TrimSuffix(base, "/")), run: d.root.run}
	}
	d.base, d.links = root, links
	d.files = b.filesOf(s, l, root, links)
	return d
}

// cleaned is a path without dot segments, which files are not opened by; a slash at its end stays.
func cleaned(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	clean := filepath.Clean(path)
	if strings.HasSuffix(path, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// matchOf returns what a location block matches; that of a condition is the location's around it.
func matchOf(s *scope) conf.LocationMatch {
	for ; s != nil && s.block != nil; s = s.outer {
		if m, ok := s.block.Value.(conf.LocationMatch); ok {
			return m
		}
	}
	return conf.LocationMatch{}
}

func aliasOf(s *scope) string { return matchOf(s).Text }

// rooted compiles the argument of root or alias, relative to the prefix.
func (b *builder) rooted(parts conf.Script, trim bool) value {
	v := b.script(parts)
	if v.run == nil {
		text := b.path(v.text)
		if strings.HasSuffix(v.text, "/") && !strings.HasSuffix(text, "/") {
			text += "/"
		}
		if trim {
			text = strings.TrimSuffix(text, "/")
		}
		return value{text: text}
	}
	if len(parts) > 0 && parts[0].Variable == "" && parts[0].Capture == 0 && !strings.HasPrefix(parts[0].Text, "/") {
		return b.script(append(conf.Script{{Text: strings.TrimSuffix(b.opt.Prefix, "/") + "/"}}, parts...))
	}
	return v
}

// filesOf opens the tree of files of a block; blocks with the same options share it.
func (b *builder) filesOf(s *scope, l *location, root string, links static.Symlinks) *static.Files {
	if root == "" {
		root = "/"
	}
	types := b.typeTable(s)
	opt := static.Options{
		Root: root, Lazy: true, Symlinks: links, OnlyTypes: true, Types: types.byExt, DefaultType: types.deflt,
		NoETag: !s.on("etag", true), BothConditions: true, HeadRanges: true,
	}
	if d := s.one("max_ranges"); d != nil {
		if opt.MaxRanges = int(s.number("max_ranges", 0)); opt.MaxRanges == 0 {
			opt.MaxRanges = -1
		}
	}
	if d := s.one("if_modified_since"); d != nil {
		opt.ModifiedSince = [...]static.ModifiedSince{static.Off, static.Exact, static.Before}[d.Value.(int)]
	}
	b.openFileCache(s, &opt)
	siblings := b.siblings(s, &opt)
	owner := siblings
	if len(l.changers) > 0 {
		opt.Filtered, owner = l.changes, siblings+fmt.Sprintf("%p", l)
	}
	key := owner + fmt.Sprint(root, links, types.key, opt.NoETag, opt.MaxRanges, opt.ModifiedSince, opt.Revalidate, opt.Trust, opt.MinUses, opt.Entries, opt.Inactive, fmt.Sprintf("%p", l.policy))
	if f := b.files[key]; f != nil {
		return f
	}
	f, err := static.New(opt)
	if err != nil {
		b.errs = append(b.errs, err)
		return nil
	}
	b.files[key] = f
	return f
}

// openFileCache compiles open_file_cache, with which files are used for a time though they have changed. Without it a change is
// seen at once, and so it is with open_file_cache_events.
func (b *builder) openFileCache(s *scope, opt *static.Options) {
	if s.text("open_file_cache", "off") == "off" {
		return
	}
	opt.Revalidate = time.Duration(max(s.number("open_file_cache_valid", 60), 1)) * time.Second
	if v, ok := s.one("open_file_cache").Value.([2]int64); ok {
		opt.Entries, opt.Inactive = int(v[0]), max(time.Duration(v[1])*time.Second, loop.Tick)
	}
	opt.MinUses = int(s.number("open_file_cache_min_uses", 1))
	switch {
	case s.on("open_file_cache_events", false):
	case s.on("open_file_cache_errors", false):
		opt.Trust = static.TrustAll
	default:
		opt.Trust = static.TrustFound
	}
}

// siblings compiles gzip_static, brotli_static and zstd_static, and returns what tells their settings apart.
func (b *builder) siblings(s *scope, opt *static.Options) (key string) {
	always := map[string]bool{}
	for _, c := range [...]struct{ directive, coding string }{{"gzip_static", "gzip"}, {"brotli_static", "br"}, {"zstd_static", "zstd"}} {
		mode := s.text(c.directive, "off")
		if mode != "off" {
			opt.Precompressed, opt.Siblings = true, append(opt.Siblings, c.coding)
			always[c.coding] = mode == "always"
		}
	}
	if !opt.Precompressed {
		return ""
	}
	clients := b.clients(s)
	opt.NoVary = !s.on("gzip_vary", false)
	opt.Accepts = func(c *pipeline.Ctx, coding string) bool {
		switch {
		case always[coding]:
			return true
		case coding == "gzip":
			return clients.Accept(c)
		}
		return http1.AcceptsEncoding(c.HeaderBytes(http1.AcceptEncoding), coding)
	}
	if s.on("gunzip", false) {
		opt.Gunzipped = func(c *pipeline.Ctx) bool { return !clients.Accept(c) }
	}
	return fmt.Sprintf("%v %v %p", always, opt.NoVary, s.block) // conditions on clients are the block's own
}

// directory compiles index, random_index and autoindex.
func (b *builder) directory(s *scope) (d directory) {
	d.index = []value{{text: "index.html"}}
	if list := s.all("index"); list != nil {
		d.index = nil
		for _, x := range list {
			for _, a := range x.Args {
				d.index = append(d.index, b.value(x, a))
			}
		}
	}
	if s.on("random_index", false) {
		var err error
		if d.random, err = randomindex.New(randomindex.Config{Dir: directoryOf, Log: logTo}); err != nil {
			b.errs = append(b.errs, err)
		}
	}
	d.autoindex = s.on("autoindex", false)
	d.listing.Rounded = !s.on("autoindex_exact_size", true)
	d.listing.LocalTime = s.on("autoindex_localtime", false)
	d.listing.Bytewise = !strings.EqualFold(s.text("charset", "off"), "utf-8")
	formats := []string{"html", "json", "jsonp", "xml"}
	if i := slices.Index(formats, s.text("autoindex_format", "html")); i > 0 {
		d.listing.Format = static.Format(i)
	}
	return d
}

// directoryOf appends the directory that the URI means.
func directoryOf(c *pipeline.Ctx, dst []byte) []byte { return requestOf(c).AppendFilename(c, dst) }

// tryFiles compiles try_files of the block itself: it is not inherited.
func (b *builder) tryFiles(s *scope) *tryFiles {
	d := first(s.own["try_files"])
	if d == nil {
		return nil
	}
	t := &tryFiles{}
	last := d.Args[len(d.Args)-1]
	if code, ok := strings.CutPrefix(last, "="); ok {
		n, _ := conf.ParseNumber(code)
		t.status = int(n)
	} else {
		t.last = b.value(d, last)
	}
	for _, a := range d.Args[:len(d.Args)-1] {
		bare, isDir := strings.CutSuffix(a, "/")
		v := b.value(d, bare)
		t.files = append(t.files, tryFile{v, isDir, v.run == nil})
	}
	return t
}

func first(list []*conf.Directive) *conf.Directive {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}
