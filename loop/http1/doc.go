// Package http1 reads and writes the bytes of HTTP/1 messages: RFC 9112, with the semantics of RFC 9110 that framing needs.
// It is pure: bytes in, offsets and verdicts out. It does no I/O, reads no clock, keeps no goroutine and holds no memory but
// that of a Request's fields.
//
// # Reading a request
//
//	           Request.Parse               ChunkReader.Next, or Length bytes
//	┌─────────────────────────────────────┬──────────────────────────────────┬──────────────
//	│ request line │ field … field │ CRLF │ content                          │ next request
//	└─────────────────────────────────────┴──────────────────────────────────┴──────────────
//	0                                  HeadLen
//
// [Request.Parse] gets all unread input each time and goes on where it stopped:
//
//	0 ≤ pos ≤ scan ≤ len(b)     b[:pos] is parsed, b[pos:scan] is known to hold no line end
//
// A head of n bytes costs O(n) however it comes. Every value is a [Span], an offset from the head's first byte, so a head
// may be moved between calls and afterwards. [ChunkReader.Next] consumes what it is given, whatever that is, and returns
// content where it lies. Both answer with a [Verdict]: progress, or a refusal that has a status and a reason. A verdict
// does not depend on how the input was cut.
//
// # Words
//
//   - head: the request line and the fields, up to and including the empty line.
//   - field: one line "name: value" of a head; its [FieldID] is its name as an integer when it is one that we know.
//   - target: what stands between method and version, as it was sent; path and query are its parts.
//   - authority: host and port, of the target or else of Host.
//   - content: what follows the head, without its framing. Trailers follow the content.
//   - framing: how long the content is. Length says it: a number of bytes, or chunked.
//   - refusal: a verdict that ends the message, and with it the connection.
//
// # Threats
//
// All input is hostile: it comes from anybody who can connect, in any bytes, cut in any way and at any pace.
//
//   - Request smuggling: another server in front of us or behind us must not find message boundaries elsewhere. Whatever is
//     known to be read in two ways is refused, not repaired: Content-Length with Transfer-Encoding, repeated or listed lengths,
//     any coding but chunked, Transfer-Encoding in HTTP/1.0, space before a colon, folded lines, CR alone anywhere, LF alone
//     in chunk framing, sizes and lengths with anything but digits, numbers that wrap around.
//   - Routing confusion: one Host, by the grammar of RFC 3986, without userinfo; the authority of the target overrules it.
//     [AppendPath] decodes once and resolves once, so that routing, access rules and files see the same path.
//   - Injection into what we write, log or pass on: no CR, LF, NUL or other control byte is let through in a target or a
//     value. Bytes of 0x80 and above are; who writes a log escapes them. Decoded paths may hold anything but NUL.
//     For what we send there is [ValidFieldValue].
//   - Exhaustion: memory is bounded by [Limits] and time is linear in the bytes received. A line that is too long is
//     refused before it ends. Extensions, leading zeros and trailers, which carry no content, have bounds of their own.
//     Who sends slowly is the business of the timers of package loop.
//
// What is not checked here: the size of content (the limit belongs to a location; [ChunkReader.Pending] helps), the meaning
// of any field that does not frame or route, and names with an underscore, which a CGI-like gateway must drop since
// "Content_Length" and "Content-Length" become one variable there.
//
// # Leniency
//
// By default two things are tolerated that the grammar does not have: LF alone as a line end in a head, which RFC 9112
// section 2.2 permits and NGINX accepts, and white space behind a chunk size. [Limits.Strict] refuses them. Further, as
// NGINX has it, the target may hold bytes that a URI may not ('"', '<', '|', 8-bit bytes).
//
// # Limits
//
//	                       here     NGINX
//	request line           8 KiB    8k     large_client_header_buffers, one
//	field line             8 KiB    8k     the same
//	head                   32 KiB   32k    the same, all four
//	fields                 100      1000   max_headers
//	empty lines before     8        –
//	trailer section        8 KiB    32k
//	extensions and zeros   4 KiB    –
//
// # Speed
//
// Ratios of one run on a shared machine, ours to net/http's; allocations are exact. Beside them the time on that machine.
//
//	request of wrk, 40 bytes, one field     0.07     0 of 7 allocations     50 ns
//	request of a browser, 20 fields         0.15     0 of 36               550 ns
//	chunked content, 64 chunks of 1 KiB     0.41     0 of 1                 22 ns a chunk
//
// What was tried: checking values eight bytes at a time takes half the time of one by one, which is 0.96 of the
// browser's request and far more with a cookie of kilobytes. Looking for the colon of a field with bytes.IndexByte, and
// checking only unknown names byte by byte, changes nothing.
package http1
