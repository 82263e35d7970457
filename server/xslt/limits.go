package xslt

// The bounds of stylesheets and transformations; what a document may have is bounded in package xpath.
const (
	// MaxBody is how many bytes a body that is transformed may have (NGINX: no bound).
	MaxBody = 16 << 20
	// MaxSheet is how many bytes a file of a stylesheet may have.
	MaxSheet = 4 << 20
	// MaxSteps is how many nodes a transformation may visit, a few seconds of work; 64 bytes of text count as one.
	MaxSteps = 20_000_000

	maxFiles     = 64   // of a stylesheet
	maxTemplates = 3000 // in progress, each applied or called by the one before (libxslt: the same)
)
