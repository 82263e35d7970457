package conf

import "strings"

// Checks of directives that change an answer.

// wordBehind checks the variables of a directive whose third argument, if there is one, has to be a certain word.
func wordBehind(word string) func(*checker, *Directive) any {
	return func(c *checker, d *Directive) any {
		if len(d.Args) == 3 && d.Args[2] != word {
			c.errorf(d, 3, `invalid parameter "%s"`, d.Args[2]).Hint = `it can only be "` + word + `"`
			return nil
		}
		for i := range min(2, len(d.Args)) {
			if _, ok := c.value(d, i+1); !ok {
				return nil
			}
		}
		return nil
	}
}

func subFilter(c *checker, d *Directive) any {
	if d.Args[0] == "" {
		c.errorf(d, 1, "empty search pattern")
		return nil
	}
	c.references(d)
	return nil
}

// gzipDisable checks the expressions; msie6 and degradation are words.
func gzipDisable(c *checker, d *Directive) any {
	for i, a := range d.Args {
		if a != "msie6" && a != "degradation" && !c.regex(d, i+1, a) {
			return nil
		}
	}
	return nil
}

// charset checks the name of a character set, or of the variable that has it.
func charset(c *checker, d *Directive) any {
	if name, ok := strings.CutPrefix(d.Args[0], "$"); ok {
		c.read(d, 1, lower(name))
	}
	return nil
}

// mirror checks that "off" stands alone.
func mirror(c *checker, d *Directive) any {
	if first := c.block.seen[d.Name]; first != nil && (d.Args[0] == "off" || first.Args[0] == "off") {
		c.duplicate(d, first)
	}
	return nil
}
