package xslt

// SetSteps bounds the transformations by s.
func SetSteps(s *Stylesheet, n int64) { s.steps = n }
