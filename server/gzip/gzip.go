package gzip

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// Config are the directives of NGINX's gzip filter. gzip_buffers, gzip_window, gzip_hash, postpone_gzipping and gzip_no_buffer
// have no meaning here.
type Config struct {
	// Level is the effort, 1 to 9; 0 is 1 (gzip_comp_level).
	Level int
	// Types are the media types that are compressed besides text/html (gzip_types); "*" is all.
	Types []string
	// MinLength in bytes is the least that is compressed (gzip_min_length, whose default is DefaultMinLength).
	MinLength int64
	// Vary adds "Vary: Accept-Encoding" (gzip_vary).
	Vary bool
	// Clients says who gets gzip.
	Clients filter.Clients
	// Ratio keeps $gzip_ratio for AppendRatio.
	Ratio bool
}

// DefaultMinLength is the default of gzip_min_length in bytes.
const DefaultMinLength = 20

// New returns the filter: a Response hook. It is made once for a configuration and shared by all locations that inherit it,
// since it keeps what it compressed.
func New(cfg Config) (*filter.Coding, error) {
	if cfg.Level == 0 {
		cfg.Level = 1
	}
	if cfg.Level < gzip.BestSpeed || cfg.Level > gzip.BestCompression {
		return nil, fmt.Errorf("gzip: level %d is not between 1 and 9", cfg.Level)
	}
	if cfg.MinLength < 0 {
		return nil, errors.New("gzip: the minimal length is negative")
	}
	clients := cfg.Clients
	return filter.NewCoding(filter.CodingConfig{
		Name: "gzip", Types: filter.NewTypes(cfg.Types, "text/html"), MinLength: cfg.MinLength, Vary: cfg.Vary, Ratio: cfg.Ratio,
		Inline:  filter.InlineMax / int64(cfg.Level),
		Accepts: func(c *pipeline.Ctx) bool { return clients.Accept(c) },
		New: func() filter.Encoder {
			w, _ := gzip.NewWriterLevel(io.Discard, cfg.Level) // the level was checked
			return &writer{w}
		},
	}), nil
}

// writer is a compressor whose header says that it runs on Unix, as NGINX's does.
type writer struct{ *gzip.Writer }

// Reset readies it for a new body.
func (w *writer) Reset(to io.Writer) {
	w.Writer.Reset(to)
	w.OS = 3
}

// AppendRatio appends the value of $gzip_ratio, nothing when the response was not compressed.
func AppendRatio(c *pipeline.Ctx, dst []byte) []byte { return filter.AppendRatio(c, dst) }
