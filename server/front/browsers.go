package front

import (
	"slices"

	"github.com/wheelpit/wheelpit/server/browser"
)

// browsers compiles modern_browser, ancient_browser and their values.
func (b *builder) browsers(s *scope) *browser.Browsers {
	cfg := browser.Config{ModernValue: s.text("modern_browser_value", ""), AncientValue: s.text("ancient_browser_value", "")}
	for _, d := range s.all("modern_browser") {
		switch {
		case len(d.Args) == 2:
			v, err := browser.ParseVersion(d.Args[0], d.Args[1])
			if b.check(d, err); err == nil {
				cfg.Modern = append(cfg.Modern, v)
			}
		case d.Args[0] == "unlisted":
			cfg.Unlisted = true
		default:
			b.fail(d, `invalid parameter "%s"`, d.Args[0])
		}
	}
	cfg.Ancient = words(s.all("ancient_browser"))
	if i := slices.Index(cfg.Ancient, "netscape4"); i >= 0 {
		cfg.Netscape4 = true
		cfg.Ancient = slices.DeleteFunc(slices.Clone(cfg.Ancient), func(w string) bool { return w == "netscape4" })
	}
	return browser.New(cfg)
}
