package conf

import (
	"fmt"
	"slices"
	"strings"
)

// removed are directives that NGINX had once, with what says the same today.
var removed = map[string]string{
	"ssl":                    `NGINX 1.25.1 removed it: say "listen ... ssl"`,
	"spdy_headers_comp":      "SPDY is gone since NGINX 1.9.5",
	"spdy_chunk_size":        "SPDY is gone since NGINX 1.9.5",
	"limit_zone":             `NGINX 1.7.6 removed it: say "limit_conn_zone"`,
	"chunkin":                "it belonged to a third-party module; chunked requests are always read",
	"open_file_cache_retest": `NGINX renamed it: say "open_file_cache_valid"`,
}

// unknown notes a name that the context does not know.
func (c *checker) unknown(d *Directive) {
	if rows := table[d.Name]; rows != nil {
		e := c.wrong(d, 0, "is not allowed here")
		var in Context
		for _, r := range rows {
			in |= r.In
		}
		e.Hint = fmt.Sprintf("it may stand in: %s", in)
		c.syntaxOf(d.Block)
		return
	}
	e := c.errorf(d, 0, `unknown directive "%s"`, d.Name)
	if strings.HasPrefix(d.Name, "\ufeff") {
		e.Hint = "the file begins with a byte order mark: save it without one"
		return
	}
	row := c.nearest(d)
	if removed[d.Name] != "" {
		e.Hint, row = removed[d.Name], nil
	} else if row != nil {
		e.Hint = fmt.Sprintf(`did you mean "%s"?`, row.Name)
	}
	// The block of a misspelt name is checked as that of the name that was meant, so that its errors show as well.
	if row != nil && d.Open && row.Opens != 0 && row.In&c.block.in != 0 {
		c.sawEvents = c.sawEvents || row.Name == "events"
		c.enter(&Directive{Name: row.Name, Args: d.Args, Block: d.Block, Open: true, Parent: d.Parent, src: d.src,
			words: d.words, end: d.end, close: d.close}, row)
		return
	}
	c.syntaxOf(d.Block)
}

// nearest is the row whose name is most like that of d; those of the context first. It is only looked for as long as
// errors are kept.
func (c *checker) nearest(d *Directive) *Row {
	var best *Row
	if c.fatal > MaxErrors {
		return nil
	}
	limit := 1 + len(d.Name)/4
	distance := 2*limit + 1
	names := make([]string, 0, len(table))
	for n := range table {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		if abs(len(n)-len(d.Name)) > limit {
			continue
		}
		for _, r := range table[n] {
			at := 2 * editDistance(n, d.Name)
			if at > 2*limit {
				continue
			}
			if r.In&c.block.in == 0 || r.Status == Refused || (r.Opens != 0) != d.Open {
				at++
			}
			if at < distance {
				best, distance = r, at
			}
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// editDistance counts the insertions, deletions, replacements and swaps of neighbours that make b of a.
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
