package metrics_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The grammar of OpenMetrics 1.0 as far as counters and gauges go, and the rules about the order of lines: strict, so that
// what a lenient scraper would take is a fault here.

var (
	metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	sampleLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)`)
)

// family is a parsed family: its samples by labels.
type family struct {
	kind, unit, help string
	samples          map[string]float64
}

// parse reads a text. open says that it is OpenMetrics, and not text format 0.0.4.
func parse(text string, open bool) (map[string]*family, error) {
	families := map[string]*family{}
	if open {
		var ok bool
		if text, ok = strings.CutSuffix(text, "# EOF\n"); !ok {
			return nil, fmt.Errorf("no # EOF at the end")
		}
	}
	if !strings.HasSuffix(text, "\n") || strings.Contains(text, "\r") {
		return nil, fmt.Errorf("lines do not end with LF")
	}
	name := "" // of the family on its way
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		var err error
		if rest, ok := strings.CutPrefix(line, "# "); ok {
			name, err = describe(families, name, rest, open)
		} else {
			err = take(families[name], name, line, open)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d, %q: %w", i+1, line, err)
		}
	}
	for name, f := range families {
		if f.kind == "" || f.help == "" || len(f.samples) == 0 {
			return nil, fmt.Errorf("%s has no type, help or sample", name)
		}
	}
	return families, nil
}

// describe takes a line of metadata and returns the family it belongs to.
func describe(families map[string]*family, current, rest string, open bool) (string, error) {
	word, rest, _ := strings.Cut(rest, " ")
	name, value, _ := strings.Cut(rest, " ")
	if !metricName.MatchString(name) || value == "" {
		return "", fmt.Errorf("malformed")
	}
	if name != current {
		if families[name] != nil {
			return "", fmt.Errorf("the family is in two places")
		}
		families[name] = &family{samples: map[string]float64{}}
	}
	f := families[name]
	if len(f.samples) > 0 {
		return "", fmt.Errorf("metadata behind samples")
	}
	set := func(to *string) error {
		if *to != "" {
			return fmt.Errorf("said twice")
		}
		*to = value
		return nil
	}
	switch word {
	case "TYPE":
		if value != "counter" && value != "gauge" {
			return "", fmt.Errorf("type %q", value)
		}
		if open && strings.HasSuffix(name, "_total") {
			return "", fmt.Errorf("the name of a family ends with _total")
		}
		return name, set(&f.kind)
	case "UNIT":
		if !open || !strings.HasSuffix(name, "_"+value) {
			return "", fmt.Errorf("the name does not end with the unit, or there are no units")
		}
		return name, set(&f.unit)
	case "HELP":
		return name, set(&f.help)
	}
	return "", fmt.Errorf("comment")
}

// take takes a sample of the family on its way.
func take(f *family, name, line string, open bool) error {
	m := sampleLine.FindStringSubmatch(line)
	if f == nil || m == nil {
		return fmt.Errorf("no sample of a family")
	}
	want := name
	if f.kind == "counter" {
		want = strings.TrimSuffix(name, "_total") + "_total"
	}
	if m[1] != want {
		return fmt.Errorf("is not %s", want)
	}
	value, err := strconv.ParseFloat(m[3], 64)
	if err != nil || f.kind == "counter" && value < 0 {
		return fmt.Errorf("value %s", m[3])
	}
	var names []string
	for rest := strings.Trim(m[2], "{}"); rest != ""; {
		l := labelPair.FindStringSubmatch(rest)
		if l == nil || slices.Contains(names, l[1]) {
			return fmt.Errorf("label at %q", rest)
		}
		names, rest = append(names, l[1]), rest[len(l[0]):]
	}
	if _, twice := f.samples[m[2]]; twice {
		return fmt.Errorf("the same labels twice")
	}
	f.samples[m[2]] = value
	return nil
}
