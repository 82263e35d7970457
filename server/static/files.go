package static

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Options describe a tree of files. The zero value of a field means its default.
type Options struct {
	// Root is the directory.
	Root string
	// Lazy opens the root when it is first needed. It may be missing, then and later: every path is 404; or 403 when it must not be seen.
	// Otherwise the last directory is served on while there is none of its name.
	Lazy bool
	// Index are the files that stand for a directory; default "index.html" (NGINX index).
	Index []string
	// Autoindex lists directories that have no index file (NGINX autoindex), as JSON for clients that accept that rather
	// than HTML. Without it they are 403.
	Autoindex bool
	// HideDotfiles answers 404 for paths with a segment that begins with a dot.
	HideDotfiles bool
	// SPA answers paths that are no file with /index.html, for single-page applications that route in the browser.
	SPA bool
	// Precompressed sends name.br, name.zst or name.gz in place of name to clients that accept it. Siblings says which of
	// them, by their codings "br", "zstd" and "gzip"; nil is all (NGINX brotli_static, zstd_static, gzip_static).
	Precompressed bool
	Siblings      []string
	// Accepts decides in place of Accept-Encoding alone who gets a sibling (gzip_http_version, gzip_proxied, gzip_disable;
	// gzip_static always). It runs on reactors.
	Accepts func(c *pipeline.Ctx, coding string) bool
	// NoVary leaves Vary out of responses that have siblings (gzip_vary off).
	NoVary bool
	// Symlinks says which symbolic links are followed; default Beneath.
	Symlinks Symlinks
	// ModifiedSince says how If-Modified-Since is compared; default Exact.
	ModifiedSince ModifiedSince
	// ErrorPages are files, relative to the root, that answer for a status.
	ErrorPages map[int]string
	// Types are extra content types by extension; Charset is added to text types; DefaultType is for the rest.
	Types                map[string]string
	Charset, DefaultType string
	// OnlyTypes has Types be the whole table, without those that are built in.
	OnlyTypes bool
	// NoETag sends no ETag and takes none for a condition.
	NoETag bool
	// MaxRanges bounds the ranges of one request; 0 is the constant MaxRanges, which is also the most there can be, and less
	// than 0 takes none at all.
	MaxRanges int
	// BothConditions wants If-None-Match and If-Modified-Since both to hold for a 304 when both are there, as NGINX does.
	BothConditions bool
	// HeadRanges answers HEAD as GET would be with the same Range, as NGINX does. RFC 9110 section 14.2 has a server ignore it.
	HeadRanges bool
	// Filtered tells whether a Response hook will change the body of a file of that type and length, so that no ranges of
	// it can be sent (NGINX: ngx_http_clear_accept_ranges); nil for none. It runs on reactors.
	Filtered func(c *pipeline.Ctx, contentType string, length int64) bool
	// Gunzipped tells whether a Response hook will decompress a sibling in gzip for this client; nil for never. As Filtered.
	Gunzipped func(c *pipeline.Ctx) bool
	// Memory bounds the bytes of small files, Entries the open files that one reactor keeps.
	Memory, Entries int
	// Inactive is how long a file that nobody asks for is kept open; 0 is until there is need of the room.
	Inactive time.Duration
	// Revalidate is how long a file is trusted before it is looked at again, when nothing tells of a change before.
	Revalidate time.Duration
	// Trust says what is trusted for Revalidate although it is known to have changed (NGINX open_file_cache); default nothing.
	// Before MinUses requests for it no file is, and it is trusted for DefaultRevalidate at most (open_file_cache_min_uses).
	Trust   Trust
	MinUses int
}

// Files serves a tree of files. Serve is its handler; any goroutine may call it.
type Files struct {
	opt   Options
	root  *root
	types *Types
	watch *watcher // nil where there is none
	dir   string   // the root's absolute path
	valid uint32   // ticks

	caches *shards
}

// Trust says which entries of the cache are used although a change on disk is known of.
type Trust uint8

const (
	// TrustNone uses none.
	TrustNone Trust = iota
	// TrustFound uses files and directories (NGINX open_file_cache).
	TrustFound
	// TrustAll uses errors, too (open_file_cache_errors on).
	TrustAll
)

// shards are the caches by reactor, each of which uses its own.
type shards [maxShards]atomic.Pointer[cache]

// clear closes the files of all of them. Nobody may use them any more.
func (s *shards) clear() {
	for i := range s {
		if c := s[i].Load(); c != nil {
			c.collect()
			for _, e := range c.byPath {
				e.release()
			}
		}
	}
}

// maxShards bounds the reactors: the loop starts no more.
const maxShards = 1024

// New opens the root.
func New(opt Options) (*Files, error) {
	if len(opt.Index) == 0 {
		opt.Index = []string{"index.html"}
	}
	if opt.Memory <= 0 {
		opt.Memory = DefaultMemory
	}
	if opt.Entries <= 0 {
		opt.Entries = DefaultEntries
	}
	if opt.Revalidate <= 0 {
		opt.Revalidate = DefaultRevalidate
	}
	for _, name := range opt.Siblings {
		if !slices.ContainsFunc(codingTable[:], func(c coding) bool { return c.name == name }) {
			return nil, fmt.Errorf("static: no siblings of the coding %q", name)
		}
	}
	r := &root{dir: opt.Root, policy: opt.Symlinks, lazy: opt.Lazy, held: dirHandle{fd: -1}}
	if !opt.Lazy {
		var err error
		if r, err = openRoot(opt.Root, opt.Symlinks); err != nil {
			return nil, err
		}
	}
	f := &Files{opt: opt, root: r, types: opt.types(), watch: shared(), valid: loop.Ticks(opt.Revalidate), caches: new(shards)}
	var err error
	if f.dir, err = absolute(opt.Root); err != nil {
		f.watch = nil
	}
	// A reload drops the tree: requests in progress use it until they are done, and nobody knows which is the last.
	runtime.AddCleanup(f, (*shards).clear, f.caches)
	runtime.AddCleanup(f, (*root).drop, f.root)
	return f, nil
}

// absolute returns a path that begins with "/". It is not cleaned: where ".." behind a link leads to only the kernel knows.
func absolute(dir string) (string, error) {
	if filepath.IsAbs(dir) {
		return dir, nil
	}
	wd, err := os.Getwd()
	return wd + "/" + dir, err
}

func (o *Options) types() *Types {
	if o.OnlyTypes {
		return NewOnlyTypes(o.Types, o.DefaultType)
	}
	return NewTypes(o.Types, o.Charset, o.DefaultType)
}

// cache returns the cache of a shard. Reactors call it with their own number, workers with that of the connection they
// answer.
func (f *Files) cache(shard int) *cache {
	at := &f.caches[shard%maxShards]
	if c := at.Load(); c != nil {
		return c
	}
	fresh := newCache(f.opt.Entries, f.opt.Memory)
	fresh.rest = loop.Ticks(f.opt.Inactive)
	at.CompareAndSwap(nil, fresh)
	return at.Load()
}

var _ pipeline.Handler = (*Files)(nil).Serve
