package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wheelpit/wheelpit/server/front"
)

// explainOptions are the flags of `wheelpit explain`.
type explainOptions struct {
	planFlags
	query front.Query
	from  string
	json  bool
}

func newExplain() *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain URL",
		Short: "Tell which server and location a request gets, and why",
		Long: `Explain takes a request through a configuration as the server would, and tells every decision: the
listen, the server and the location with all that were considered, rewrites step by step, and
what will run for it. It executes the code that serves, up to the content: files are looked at,
nothing is sent to an upstream, and limits and access rules are listed and taken to let the
request pass. The host of the URL is not looked up.`,
		Example: `  wheelpit explain http://example.com/img/a.php
  wheelpit explain /img/a.php -H 'Host: example.com' -c ./nginx.conf
  wheelpit explain http://example.com/ --to 192.0.2.1:8080 -X POST --json`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.query.URL = args[0]
			return o.run(cmd)
		},
	}
	o.register(cmd)
	f := cmd.Flags()
	f.StringArrayVarP(&o.query.Fields, "header", "H", nil, "a header field, 'Name: value' (repeatable)")
	f.StringVarP(&o.query.Method, "request", "X", "GET", "the method")
	f.StringVar(&o.query.To, "to", "", "the address connected to: ADDRESS:PORT or unix:/path (default: that of the URL)")
	f.StringVar(&o.from, "from", "127.0.0.1", "the address of the client")
	f.BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *explainOptions) run(cmd *cobra.Command) (err error) {
	if o.query.From, err = netip.ParseAddr(o.from); err != nil {
		return exitError{exitUsage, fmt.Errorf("--from: %w", err)}
	}
	plan, err := o.load(cmd.ErrOrStderr(), true)
	if err != nil {
		return err
	}
	x, err := plan.Explain(o.query)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(cmd.OutOrStdout(), x)
	}
	_, err = io.WriteString(cmd.OutOrStdout(), explainText(x))
	return err
}

// printJSON is the form of --json.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// explainText is an explanation for people.
func explainText(x *front.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s (host %s)\n", x.Method, x.Target, x.Host)
	for _, s := range x.Steps {
		switch s.Kind {
		case "listen", "server", "location", "status":
			line(&b, 1, s.Kind+": "+strings.TrimPrefix(s.Text, s.Kind+" "), s.At)
		default:
			line(&b, 1, s.Text, s.At)
		}
		if len(s.Candidates) == 1 {
			b.WriteString("      " + s.Candidates[0].Verdict + "\n")
			continue
		}
		for _, c := range s.Candidates {
			mark := "  "
			if c.Chosen {
				mark = "* "
			}
			line(&b, 2, mark+c.Text+" - "+c.Verdict, c.At)
		}
	}
	explainAnswer(&b, x)
	b.WriteString("in effect:\n")
	for _, p := range x.Runs {
		b.WriteString("  " + p.Name + "\n")
		for _, d := range p.Directives {
			line(&b, 2, d.Text, d.At)
		}
	}
	return b.String()
}

// explainAnswer tells what answers.
func explainAnswer(b *strings.Builder, x *front.Explanation) {
	b.WriteString("answer: " + x.Content)
	if x.Status != 0 {
		fmt.Fprintf(b, ", status %d", x.Status)
	}
	b.WriteByte('\n')
	for _, l := range []struct{ name, text string }{
		{"URI", x.URI}, {"file", x.File}, {"Location", x.Redirect}, {"peers", strings.Join(x.Peers, ", ")},
	} {
		if l.text != "" {
			fmt.Fprintf(b, "  %s: %s\n", l.name, l.text)
		}
	}
	if x.App != "" {
		b.WriteString("  " + strings.ReplaceAll(strings.TrimSpace(x.App), "\n", "\n  ") + "\n")
	}
}

// line writes an indented line with a place of the configuration behind it.
func line(b *strings.Builder, depth int, text string, at front.At) {
	b.WriteString(strings.Repeat("  ", depth) + text)
	if at.File != "" {
		b.WriteString("  [" + at.String() + "]")
	}
	b.WriteByte('\n')
}
