package conf

import "fmt"

// Checks of how the sizes of the buffers of proxy_pass and the like go together.

// bufferSizes are those of one protocol as a block inherits them; 0 stands for what is not given.
type bufferSizes struct {
	head              int64
	body              Buffers
	busy, write, file *int64
	last              *Directive // that was given innermost
}

// unequalBuffers notes sizes that do not fit each other, in the servers and locations of http, and names the line at which http
// ends, where NGINX notices it.
func (c *checker) unequalBuffers(http *Directive) {
	for _, protocol := range []string{"proxy", "fastcgi", "uwsgi", "scgi"} {
		base := bufferSizes{head: 4096, body: Buffers{8, 4096}}
		base.read(http, protocol)
		for _, s := range c.http.servers {
			c.buffersOf(http, s.d, protocol, base)
		}
	}
}

// buffersOf checks a server or location and what is in it, up to the first fault.
func (c *checker) buffersOf(http, block *Directive, protocol string, sizes bufferSizes) bool {
	if sizes.read(block, protocol); sizes.last == nil {
		sizes.last = block
	}
	if fault := sizes.fault(protocol); fault != "" {
		e := c.errorf(http, 0, "%s", fault)
		e.Line, e.Hint = http.close, fmt.Sprintf("see %s:%d", sizes.last.src.Name, sizes.last.Line())
		return false
	}
	for d := range block.Children() {
		if d.Name == "location" && !c.buffersOf(http, d, protocol, sizes) {
			return false
		}
	}
	return true
}

// read takes what a block says itself.
func (b *bufferSizes) read(block *Directive, protocol string) {
	for d := range block.Children() {
		n, isSize := d.Value.(int64)
		switch d.Name {
		case protocol + "_buffers":
			if v, ok := d.Value.(Buffers); ok {
				b.body, b.last = v, d
			}
			continue
		case protocol + "_buffer_size":
			if isSize {
				b.head, b.last = n, d
			}
			continue
		}
		for name, at := range map[string]**int64{"_busy_buffers_size": &b.busy, "_temp_file_write_size": &b.write, "_max_temp_file_size": &b.file} {
			if isSize && d.Name == protocol+name {
				*at, b.last = &n, d
			}
		}
	}
}

// fault returns NGINX's text for what does not fit, empty when all does.
func (b *bufferSizes) fault(p string) string {
	one := max(b.head, b.body.Size)
	busy := 2 * one
	if b.busy != nil {
		busy = *b.busy
	}
	largest := `the maximum of the value of "` + p + `_buffer_size" and one of the "` + p + `_buffers"`
	switch {
	case b.body.Number < 2:
		return `there must be at least 2 "` + p + `_buffers"`
	case busy < one:
		return `"` + p + `_busy_buffers_size" must be equal to or greater than ` + largest
	case busy > (b.body.Number-1)*b.body.Size:
		return `"` + p + `_busy_buffers_size" must be less than the size of all "` + p + `_buffers" minus one buffer`
	case b.write != nil && *b.write < one:
		return `"` + p + `_temp_file_write_size" must be equal to or greater than ` + largest
	case b.file != nil && *b.file != 0 && *b.file < one:
		return `"` + p + `_max_temp_file_size" must be equal to zero to disable temporary files usage or must be equal to or greater than ` + largest
	}
	return ""
}
