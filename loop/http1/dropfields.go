package http1

// Hot: runs for every request of a front server; no allocation.

// DropFields takes out the fields whose names have a byte that is not in letters, for a server that wants fewer names than
// the tokens of RFC 9110 section 5.1; known names stay. b is what Parse was given. It returns how many it took out.
func (r *Request) DropFields(b []byte, letters *[256]bool) (dropped int) {
	kept := 0
	for i := range r.Fields {
		f := r.Fields[i]
		if f.ID == FieldOther && !spelled(f.Name.Of(b), letters) {
			continue
		}
		if kept != i {
			r.Fields[kept] = f
			if f.ID != FieldOther && int(r.first[f.ID]) == i {
				r.first[f.ID] = uint16(kept)
			}
		}
		kept++
	}
	dropped = len(r.Fields) - kept
	r.Fields = r.Fields[:kept]
	return dropped
}

// spelled tells whether a name has bytes of a set only.
func spelled(name []byte, letters *[256]bool) bool {
	for _, c := range name {
		if !letters[c] {
			return false
		}
	}
	return true
}
