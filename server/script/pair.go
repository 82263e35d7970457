package script

// Pair matches and returns the first two groups, without keeping the captures: for fastcgi_split_path_info. They are copies.
func (re *Regex) Pair(subject []byte) (first, second string, ok bool) {
	m := matchers.Get().(*matcher)
	defer matchers.Put(m)
	if found, err := re.run(m, subject); !found || err != nil || len(m.captures) < 6 {
		return "", "", false
	}
	part := func(i int) string {
		if m.captures[i] < 0 {
			return ""
		}
		return string(subject[m.captures[i]:m.captures[i+1]])
	}
	return part(2), part(4), true
}
