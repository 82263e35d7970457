package conf

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Usage is one row of the table with the number of directives of a configuration that use it.
type Usage struct {
	Row   *Row
	Count int
}

// Usage lists the rows that the configuration uses: refused ones first, then accepted, checked and supported ones, each
// by name. Check or Load must have run.
func (c *Config) Usage() []Usage {
	counts := map[*Row]int{}
	countRows(c.global, counts)
	countRows(c.main, counts)
	var list []Usage
	for row, n := range counts {
		list = append(list, Usage{row, n})
	}
	slices.SortFunc(list, func(a, b Usage) int {
		if a.Row.Status != b.Row.Status {
			return int(b.Row.Status) - int(a.Row.Status)
		}
		if a.Row.Name != b.Row.Name {
			return strings.Compare(a.Row.Name, b.Row.Name)
		}
		return int(a.Row.In) - int(b.Row.In)
	})
	return list
}

func countRows(list []*Directive, counts map[*Row]int) {
	for d := range flatten(list) {
		if d.Row != nil {
			counts[d.Row]++
		}
		countRows(d.Block, counts)
	}
}

// WriteUsage writes the table of [Config.Usage] and how many directives there are of each status.
func (c *Config) WriteUsage(w io.Writer) error {
	b := bufio.NewWriter(w)
	var total [len(statusNames)]int
	fmt.Fprintf(b, "%-10s %5s  %-32s %s\n", "STATUS", "TIMES", "DIRECTIVE", "REASON")
	for _, u := range c.Usage() {
		total[u.Row.Status] += u.Count
		line := fmt.Sprintf("%-10s %5d  %-32s %s", u.Row.Status, u.Count, u.Row.Name, u.Row.Reason)
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
	var parts []string
	for s, n := range total {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, statusNames[s]))
		}
	}
	fmt.Fprintln(b, strings.Join(parts, ", "))
	return b.Flush()
}

// WriteTable writes the whole table as Markdown, module by module: COMPATIBILITY.md.
func WriteTable(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprint(b, tableHead)
	var total [len(statusNames)]int
	for _, r := range Rows() {
		total[r.Status]++
	}
	for s, n := range total {
		fmt.Fprintf(b, "| %s | %d | %s |\n", Status(s), n, statusMeaning[s])
	}
	for _, m := range modules() {
		fmt.Fprintf(b, "\n## %s\n\n", m.name)
		if reason, same := sameReason(m.rows); same {
			fmt.Fprintf(b, "Refused: %s.\n\n%s\n", reason, namesOf(m.rows))
			continue
		}
		fmt.Fprint(b, "| directive | where | arguments | status |\n|---|---|---|---|\n")
		for _, r := range m.rows {
			status := r.Status.String()
			if r.Reason != "" {
				status += ": " + r.Reason
			}
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", r.Name, where(&r), arguments(&r), status)
		}
	}
	writeProcesses(b)
	writeSuite(b)
	return b.Flush()
}

const tableHead = `# Directives

Every directive of NGINX's open-source HTTP modules, its core and its events, and what Wheelpit makes of it. This file is
written from the table in this package (` + "`go test ./server/conf -run Compatibility -update`" + `); ` + "`wheelpit check --compat FILE`" + `
prints the rows that a file uses.

| status | rows | meaning |
|---|---|---|
`

var statusMeaning = [...]string{
	"read and checked as NGINX does; nothing executes it in this version, and a server refuses to start with it",
	"does what NGINX's documentation says",
	"has no meaning here; ignored with a warning that gives the reason",
	"an error that gives the reason",
}

// sameReason says whether all rows of a module are refused for one reason.
func sameReason(rows []Row) (reason string, same bool) {
	for _, r := range rows {
		if r.Status != Refused || r.Reason != rows[0].Reason {
			return "", false
		}
	}
	return rows[0].Reason, true
}

func namesOf(rows []Row) string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = "`" + r.Name + "`"
	}
	return strings.Join(names, ", ")
}

func where(r *Row) string {
	if r.In == anywhere {
		return "any"
	}
	return r.In.String()
}

func arguments(r *Row) string {
	text := r.Args.String()
	if r.Opens != 0 {
		text += ", block"
	}
	return text
}
