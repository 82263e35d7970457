package front

import (
	"io/fs"
	"os"
	"strings"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/static"
)

// symlinks compiles disable_symlinks: which links are followed, and the directory behind which they are looked for. Without
// from= that is "/": every part of a path counts.
func (b *builder) symlinks(s *scope, d *dir) (base string, links static.Symlinks) {
	line := s.one("disable_symlinks")
	if line == nil {
		return "/", static.Follow
	}
	v, _ := line.Value.(conf.DisableSymlinks)
	switch v.Mode {
	case "off":
		return "/", static.Follow
	case "on":
		links = static.None
	default:
		links = static.SameOwner
	}
	if len(v.From) == 0 {
		return "/", links
	}
	if d.alias == wholeAlias && isRoot(v.From) { // the root is the file: nothing lies behind it
		return "/", static.Follow
	}
	return b.symlinksFrom(line, v.From, d), links
}

// Stat describes a file; see script.Env. Without disable_symlinks it is anything, as the kernel sees it.
func (r *request) Stat(path string) (fs.FileInfo, error) {
	d := &r.loc.dir
	if d.links == static.Follow {
		return os.Stat(path)
	}
	rel, _ := strings.CutPrefix(cleaned(path), strings.TrimSuffix(d.base, "/"))
	f, err := d.files.Open(rel)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return f.Stat()
}

// isRoot tells whether from= is $document_root.
func isRoot(from conf.Script) bool { return len(from) == 1 && from[0].Variable == "document_root" }

// symlinksFrom is the directory of from=: a part of the root, or the root itself as $document_root. Files beneath another
// directory are opened within that, so a root that varies has none.
func (b *builder) symlinksFrom(line *conf.Directive, from conf.Script, d *dir) string {
	text, plain := from.Constant()
	if isRoot(from) {
		text, plain = d.root.text, true
	}
	text = strings.TrimRight(text, "/")
	if !plain || d.root.run != nil {
		b.fail(line, `"from=" of "disable_symlinks" is not supported where it, or the root, holds variables`)
		return "/"
	}
	if rest, ok := strings.CutPrefix(d.root.text, text); text == "" || !ok || rest != "" && rest[0] != '/' {
		return "/" // as in NGINX, a path that does not begin with it is looked at from its start
	}
	return text
}
