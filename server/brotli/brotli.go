// Package brotli compresses responses with brotli (RFC 7932), under the names of Google's module ngx_brotli: brotli,
// brotli_types, brotli_comp_level, brotli_min_length, brotli_buffers. brotli_window is accepted: the compressor chooses
// its window by the level. brotli_static is a matter of package static.
//
// Like gzip it keeps the forms of what never changes; see package filter. It belongs inside of gzip, so that a client that
// takes both gets brotli.
package brotli

import (
	"errors"
	"fmt"
	"io"

	brrr "github.com/molecule-man/go-brrr"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// Config are the directives.
type Config struct {
	// Level is the effort, 0 to 11 (brotli_comp_level, whose default is DefaultLevel).
	Level int
	// Types are the media types that are compressed besides text/html (brotli_types); "*" is all.
	Types []string
	// MinLength in bytes is the least that is compressed (brotli_min_length, whose default is DefaultMinLength).
	MinLength int64
	// Vary adds "Vary: Accept-Encoding" (gzip_vary).
	Vary bool
	// Ratio keeps $brotli_ratio for AppendRatio.
	Ratio bool
}

// The defaults of brotli_comp_level and brotli_min_length.
const (
	DefaultLevel     = 6
	DefaultMinLength = 20
)

// New returns the filter: a Response hook.
func New(cfg Config) (*filter.Coding, error) {
	if cfg.Level < 0 || cfg.Level > 11 {
		return nil, fmt.Errorf("brotli: level %d is not between 0 and 11", cfg.Level)
	}
	if cfg.MinLength < 0 {
		return nil, errors.New("brotli: the minimal length is negative")
	}
	if _, err := brrr.NewWriter(io.Discard, cfg.Level); err != nil {
		return nil, fmt.Errorf("brotli: %w", err)
	}
	return filter.NewCoding(filter.CodingConfig{
		Name: "br", Types: filter.NewTypes(cfg.Types, "text/html"), MinLength: cfg.MinLength, Vary: cfg.Vary, Ratio: cfg.Ratio,
		Inline:  filter.InlineMax >> cfg.Level,
		Accepts: accepts,
		New: func() filter.Encoder {
			w, _ := brrr.NewWriter(io.Discard, cfg.Level) // it was tried above
			return w
		},
	}), nil
}

func accepts(c *pipeline.Ctx) bool {
	return !filter.Nested(c) && filter.Accepts(c.HeaderBytes(http1.AcceptEncoding), "br")
}

// AppendRatio appends the value of $brotli_ratio, nothing when the response was not compressed.
func AppendRatio(c *pipeline.Ctx, dst []byte) []byte { return filter.AppendRatio(c, dst) }
