package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/front"
	"github.com/wheelpit/wheelpit/server/master"
)

// planFlags say which configuration a verb is about, with NGINX's letters.
type planFlags struct{ file, prefix, global string }

func (p *planFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&p.file, "conf", "c", "", "configuration file (default "+defaultConf+")")
	f.StringVarP(&p.prefix, "prefix", "p", master.DefaultPaths.Prefix, "what relative paths are relative to")
	f.StringVarP(&p.global, "global", "g", "", "global directives, read before the file")
}

// load compiles the configuration as a server would, and opens nothing. Faults are written to log; warnings are for
// wheelpit check to tell.
func (p *planFlags) load(log io.Writer, explain bool) (*front.Plan, error) {
	file := p.file
	if file == "" {
		file = defaultConf
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	cfg, errs := conf.Load(file, conf.Options{Global: p.global, Serving: true})
	if errs.Failed() {
		conf.Printer{Program: "wheelpit"}.Print(log, errs)
		return nil, exitError{code: exitFailure} // what is wrong has been said
	}
	plan, err := front.Build(cfg, front.Options{Prefix: p.prefix, Explain: explain})
	if err != nil {
		return nil, fmt.Errorf("the configuration cannot be used: %w", err)
	}
	return plan, nil
}
