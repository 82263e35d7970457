// Package zstd compresses responses with Zstandard (RFC 8878), under the names of the module zstd-nginx-module: zstd,
// zstd_types, zstd_comp_level, zstd_min_length, zstd_buffers. zstd_static is a matter of package static; zstd_dict_file is
// refused, since clients have no way to get the dictionary.
//
// Like gzip it keeps the forms of what never changes; see package filter. It belongs inside of gzip, so that a client that
// takes both gets zstd.
package zstd

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// Config are the directives.
type Config struct {
	// Level is the effort, 1 to 22; 0 is 1 (zstd_comp_level). The compressor has four; the nearest is taken.
	Level int
	// Types are the media types that are compressed besides text/html (zstd_types); "*" is all.
	Types []string
	// MinLength in bytes is the least that is compressed (zstd_min_length, whose default is DefaultMinLength).
	MinLength int64
	// Vary adds "Vary: Accept-Encoding" (gzip_vary).
	Vary bool
	// Ratio keeps $zstd_ratio for AppendRatio.
	Ratio bool
}

// DefaultMinLength is the default of zstd_min_length in bytes.
const DefaultMinLength = 20

// window bounds what a client must remember, in bytes (RFC 9659: at most 8 MiB in HTTP).
const window = 1 << 20

// New returns the filter: a Response hook.
func New(cfg Config) (*filter.Coding, error) {
	if cfg.Level == 0 {
		cfg.Level = 1
	}
	if cfg.Level < 1 || cfg.Level > 22 {
		return nil, fmt.Errorf("zstd: level %d is not between 1 and 22", cfg.Level)
	}
	if cfg.MinLength < 0 {
		return nil, errors.New("zstd: the minimal length is negative")
	}
	options := []zstd.EOption{
		zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(cfg.Level)), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window),
		zstd.WithZeroFrames(true),
	}
	if _, err := zstd.NewWriter(nil, options...); err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return filter.NewCoding(filter.CodingConfig{
		Name: "zstd", Types: filter.NewTypes(cfg.Types, "text/html"), MinLength: cfg.MinLength, Vary: cfg.Vary, Ratio: cfg.Ratio,
		Inline:  filter.InlineMax / int64(cfg.Level),
		Accepts: accepts,
		New: func() filter.Encoder {
			w, _ := zstd.NewWriter(nil, options...) // they were tried above
			return w
		},
	}), nil
}

func accepts(c *pipeline.Ctx) bool {
	return !filter.Nested(c) && filter.Accepts(c.HeaderBytes(http1.AcceptEncoding), "zstd")
}

// AppendRatio appends the value of $zstd_ratio, nothing when the response was not compressed.
func AppendRatio(c *pipeline.Ctx, dst []byte) []byte { return filter.AppendRatio(c, dst) }
