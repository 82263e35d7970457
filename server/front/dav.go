package front

import (
	"io/fs"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/dav"
)

// dav compiles dav_methods and its companions, nil when there are none.
func (b *builder) dav(s *scope) *dav.Dav {
	d := s.one("dav_methods")
	if d == nil {
		return nil
	}
	cfg := dav.Config{
		FullPath: s.on("create_full_put_path", false), Access: fs.FileMode(s.number("dav_access", 0o600)),
		MinDepth: int(s.number("min_delete_depth", 0)), Path: davPath, Log: logTo,
	}
	for _, a := range d.Args {
		if strings.EqualFold(a, "off") {
			return nil
		}
		cfg.Methods = append(cfg.Methods, strings.ToUpper(a))
	}
	h, err := dav.New(cfg)
	b.check(d, err)
	return h
}

// davPath is the file that a URI means in the location of the request. With an alias, URIs outside the location mean none.
func davPath(c *pipeline.Ctx, dst []byte, uri string) ([]byte, bool) {
	d := &requestOf(c).loc.dir
	if own := c.PathView(); d.alias == prefixAlias && (len(uri) < d.strip || len(own) < d.strip || uri[:d.strip] != own[:d.strip]) {
		return nil, false
	}
	return d.appendFile(c, dst, uri), true
}

// static compiles what answers in a block without a handler of its own: files, behind the methods that change them.
func (b *builder) static(s *scope) func(*request) error {
	if h := b.dav(s); h != nil {
		return davOr(h, (*request).files)
	}
	return (*request).files
}

// davOr answers the methods of dav, and leaves the others to what the location has besides.
func davOr(h *dav.Dav, other func(*request) error) func(*request) error {
	return func(r *request) error {
		done, err := h.Handle(r.c)
		if err != nil || done {
			return err
		}
		return other(r)
	}
}
