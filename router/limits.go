package router

const (
	// MaxParams is the number of values that one route may capture, those of its includes counted; more is an error of
	// [Compile]. It bounds the arrays inside [Match]. Neither Django nor NGINX has such a limit (PCRE stops at 65,535).
	MaxParams = 16

	// MaxDepth is how deep includes, and nested locations, may be nested; more is an error of [Compile]. NGINX has no
	// limit of its own. Thirty-two is far beyond what a person can read.
	MaxDepth = 32

	// MaxPath is the length in bytes from which [Table.Find] answers NotFound without looking. NGINX's request line is
	// at most 8 KiB (large_client_header_buffers); spans are 32 bits wide.
	MaxPath = 1 << 20

	// backtrackSteps bounds the tries of one pattern with several parameters in a segment, whose number would otherwise
	// grow with the power of the parameters. Beyond it the pattern's regular expression decides, in linear time.
	backtrackSteps = 512
)
