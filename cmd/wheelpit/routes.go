package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func newRoutes() *cobra.Command {
	var (
		p      planFlags
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "routes",
		Short: "List servers, locations and the routes of applications",
		Long: `Routes lists the servers of a configuration with their addresses and names, the locations of each
as they stand in the file, and what answers there. Behind a location with "app" it lists the
routes of the application, in the order they are tried.`,
		Example: `  wheelpit routes
  wheelpit routes -c ./nginx.conf --json`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			plan, err := p.load(cmd.ErrOrStderr(), false)
			if err != nil {
				return err
			}
			list := plan.Routes()
			if asJSON {
				return printJSON(cmd.OutOrStdout(), list)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, l := range list {
				where := strings.Repeat("  ", l.Depth+1) + l.Location
				if len(l.Listen) > 0 {
					names := "(no name)"
					if len(l.Server) > 0 {
						names = strings.Join(l.Server, " ")
					}
					where = names + " on " + strings.Join(l.Listen, ", ")
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", where, l.Content, l.Name, l.At)
			}
			return w.Flush()
		},
	}
	p.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
