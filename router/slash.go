package router

import "strings"

// FindSlashed resolves path with a "/" added: the question that APPEND_SLASH asks after a 404. It answers NotFound for
// a path that ends with "/" already. m then keeps the longer path. It allocates that path.
func (t *Table) FindSlashed(method Methods, path string, m *Match) Verdict {
	if strings.HasSuffix(path, "/") {
		m.reset(path, method)
		return NotFound
	}
	return t.Find(method, path+"/", m)
}
