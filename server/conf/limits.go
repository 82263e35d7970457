package conf

// Bounds of a configuration, with NGINX's beside them.
const (
	// MaxWord bounds a parameter, and a comment, in bytes (NGINX: 4096, its read buffer). NGINX's own bound is kept,
	// because the error it makes of a longer one is what finds a missing quote.
	MaxWord = 4096
	// MaxNesting bounds how deep blocks stand in each other (NGINX: its stack).
	MaxNesting = 100
	// MaxIncludeDepth bounds includes within includes, MaxFiles the files of a configuration (NGINX: open files).
	MaxIncludeDepth = 64
	MaxFiles        = 10_000
	// MaxBytes bounds the text of all files together (NGINX: none).
	MaxBytes = 64 << 20
	// MaxErrors bounds the errors of one run that are kept (NGINX: 1, it stops at the first).
	MaxErrors = 20
	// maxMessage is where NGINX cuts an error's text, in bytes.
	maxMessage = 1024
)
