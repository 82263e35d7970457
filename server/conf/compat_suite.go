package conf

import (
	"bufio"
	"fmt"
)

// suiteDifference is a file of NGINX's own test suite that does not pass, or not always.
type suiteDifference struct{ file, subtests, reason string }

// Reasons that several files share.
const (
	needsTLS   = "the file needs TLS"
	needsHTTP2 = "the file needs HTTP/2"
)

// suiteDifferences are those of the gateway's files: proxying, caching, balancing and the protocols of application servers; and of the filters.
var suiteDifferences = []suiteDifference{
	{"http_resolver.t", "11", "a name of 255 bytes is refused: RFC 1035 section 2.3.4 has 253, without the last dot"},
	{"proxy_cache.t", "12, 13", "an answer of a cache is compressed as a whole and has a length: the subtests want chunks, with zlib's bytes in them"},
	{"proxy_cache_manager.t", "1, 2, 3", "entries beyond max_size are removed as they come, and a full zone makes room there and then: the file counts what NGINX's manager leaves to its next turns (it is run with TEST_NGINX_UNSAFE alone)"},
	{"proxy_cache_use_stale.t", "10, 11, 13, 17, 20, 22, 24, 32", "what is asked for right behind a stale answer may still be stale: a client does not wait for proxy_cache_background_update: NGINX keeps its connection until that is done, which they await"},
	{"proxy_connection_headers.t", "all", needsHTTP2},
	{"proxy_early_hints.t", "all", needsHTTP2},
	{"proxy_if.t", "all", needsTLS},
	{"proxy_trailers.t", "all", needsHTTP2},
	{"upstream_sticky.t", "all", needsTLS},
	{"worker_shutdown_timeout_h2.t", "all", needsHTTP2},
	{"xslt_external_entities.t", "all", "the file needs xml_external_entities: a document of a response never has a file read"},
}

// writeSuite writes the differences as Markdown.
func writeSuite(b *bufio.Writer) {
	fmt.Fprint(b, "\n## NGINX's test suite\n\nFiles of nginx-tests about the gateway and the filters that do not pass, or not always; the others do.\n\n| file | subtests | reason |\n|---|---|---|\n")
	for _, d := range suiteDifferences {
		fmt.Fprintf(b, "| %s | %s | %s |\n", d.file, d.subtests, d.reason)
	}
}
