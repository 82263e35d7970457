package conf

// ParseText reads one text and nothing of what it includes, for tools that work on a file by itself. The errors are those of
// syntax; the directives are not checked. name is what errors call the text, and must not be empty.
func ParseText(name string, text []byte) (*Config, Errors) {
	cfg := Parse(name, Options{
		Read: func(file string) ([]byte, error) {
			if file == name {
				data := text
				text = nil // a file that includes itself is read once
				return data, nil
			}
			return nil, nil
		},
		Glob: func(string) ([]string, error) { return nil, nil },
	})
	return cfg, syntaxErrors(cfg.main, nil)
}

// syntaxErrors appends the errors that stand in the tree, in the order of the text.
func syntaxErrors(list []*Directive, errs Errors) Errors {
	for _, d := range list {
		errs = syntaxErrors(d.Block, errs)
		if d.err != nil {
			errs = append(errs, d.err)
		}
	}
	return errs
}
