package conf

// statusFormat checks the format of wheelpit_status, which may be left out.
func statusFormat(c *checker, d *Directive) any {
	if len(d.Args) == 0 {
		return nil
	}
	return oneOf("html", "prometheus", "json")(c, d)
}

// writeFlag checks upstream_api's parameter, which may be left out.
func writeFlag(c *checker, d *Directive) any {
	if len(d.Args) == 0 {
		return nil
	}
	return oneOf("write=on", "write=off")(c, d)
}
