package http1

// A Verdict is what a parser says about the bytes it has seen so far. [Partial], [Complete] and [Data] are progress; every
// other value is a refusal, final for the message, and names its reason. After a refusal nothing that follows on the
// connection can be trusted to be a message boundary, so the connection must be closed once it was answered.
//
// A refusal may be used as an error value; its text is the reason.
type Verdict uint8

// Progress.
const (
	Partial  Verdict = iota // every byte given was looked at; call again with more
	Complete                // the head, or the chunked content with its trailers, has ended
	Data                    // chunked content: the span holds content bytes

	progressEnd
)

// Refusals. The comment behind each gives the place that asks for it; RFC 9112 unless said.
const (
	BadFirstByte         Verdict = iota + progressEnd // section 3.1: not a method; a TLS ClientHello, binary noise
	BadLineEnd                                        // section 2.2: CR that is not followed by LF, or bare LF where refused
	TooManyEmptyLines                                 // section 2.2
	RequestLineTooLong                                // section 3, RFC 9110 section 15.5.15
	BadRequestLine                                    // section 3: not three parts separated by one SP each
	BadMethod                                         // section 3.1
	BadTarget                                         // section 3.2
	BadAuthority                                      // RFC 9110 section 4.2, RFC 3986 section 3.2
	BadVersion                                        // section 2.3
	VersionUnsupported                                // RFC 9110 section 15.6.6
	FieldLineTooLong                                  // RFC 6585 section 5
	HeadTooLarge                                      // RFC 6585 section 5
	TooManyFields                                     // RFC 6585 section 5
	FoldedField                                       // section 5.2
	BadFieldName                                      // section 5.1
	BadFieldValue                                     // RFC 9110 section 5.5
	MissingHost                                       // section 3.2
	DuplicateHost                                     // section 3.2
	BadHost                                           // section 3.2
	BadContentLength                                  // section 6.3
	DuplicateLength                                   // section 6.3
	DuplicateEncoding                                 // section 6.1
	BadEncoding                                       // section 6.1
	UnknownEncoding                                   // section 6.1
	EncodingOnHTTP10                                  // section 6.1
	LengthAndEncoding                                 // section 6.3
	DuplicateExpectation                              // one of them being no 100-continue
	BadExpectation                                    // RFC 9110 section 10.1.1
	BadChunkSize                                      // section 7.1
	ChunkTooLarge                                     // section 7.1
	BadChunkExtension                                 // section 7.1.1
	ChunkOverhead                                     // section 7.1.1, CVE-2023-39326
	BadChunkEnd                                       // section 7.1
	BadTrailer                                        // section 7.1.2
	TrailerTooLarge                                   // section 7.1.2
	BadPath                                           // RFC 3986 sections 2.1 and 5.2.4
	BadStatusLine                                     // section 4: of a response

	verdictCount
)

// verdicts holds the status and the reason of every verdict. The status is 0 for progress.
var verdicts = [verdictCount]struct {
	status int
	reason string
}{
	Partial:              {0, "message incomplete"},
	Complete:             {0, "complete"},
	Data:                 {0, "content"},
	BadFirstByte:         {400, "not an HTTP request"},
	BadLineEnd:           {400, "line not ended by CRLF"},
	TooManyEmptyLines:    {400, "too many empty lines before the request"},
	RequestLineTooLong:   {414, "request line too long"},
	BadRequestLine:       {400, "malformed request line"},
	BadMethod:            {400, "malformed method"},
	BadTarget:            {400, "malformed request target"},
	BadAuthority:         {400, "malformed authority in the request target"},
	BadVersion:           {400, "malformed protocol version"},
	VersionUnsupported:   {505, "protocol version not supported"},
	FieldLineTooLong:     {431, "header line too long"},
	HeadTooLarge:         {431, "header section too large"},
	TooManyFields:        {431, "too many header lines"},
	FoldedField:          {400, "header line folded or preceded by white space"},
	BadFieldName:         {400, "malformed header name"},
	BadFieldValue:        {400, "control byte in a header value"},
	MissingHost:          {400, "HTTP/1.1 request without Host"},
	DuplicateHost:        {400, "more than one Host"},
	BadHost:              {400, "malformed Host"},
	BadContentLength:     {400, "malformed Content-Length"},
	DuplicateLength:      {400, "more than one Content-Length"},
	DuplicateEncoding:    {400, "more than one Transfer-Encoding"},
	BadEncoding:          {400, "empty Transfer-Encoding"},
	UnknownEncoding:      {501, "unknown Transfer-Encoding"},
	EncodingOnHTTP10:     {400, "Transfer-Encoding in an HTTP/1.0 request"},
	LengthAndEncoding:    {400, "both Content-Length and Transfer-Encoding"},
	DuplicateExpectation: {400, "more than one Expect"},
	BadExpectation:       {417, "unknown expectation"},
	BadChunkSize:         {400, "malformed chunk size"},
	ChunkTooLarge:        {413, "chunk of 2^62 bytes or more"},
	BadChunkExtension:    {400, "malformed chunk extension"},
	ChunkOverhead:        {400, "too many bytes in chunk extensions"},
	BadChunkEnd:          {400, "chunk not ended by CRLF"},
	BadTrailer:           {400, "malformed trailer"},
	TrailerTooLarge:      {431, "trailer section too large"},
	BadPath:              {400, "malformed path"},
	BadStatusLine:        {502, "malformed status line"},
}

// Failed reports whether v is a refusal.
func (v Verdict) Failed() bool { return v >= progressEnd }

// Status is the status code that answers a refusal: 400, 413, 414, 417, 431, 501 or 505. It is 0 for progress.
func (v Verdict) Status() int {
	if v >= verdictCount {
		return 0
	}
	return verdicts[v].status
}

// String is the reason in a few words, for the error log.
func (v Verdict) String() string {
	if v >= verdictCount {
		return "unknown verdict"
	}
	return verdicts[v].reason
}

// Error is String with the package's prefix.
func (v Verdict) Error() string { return "http1: " + v.String() }
