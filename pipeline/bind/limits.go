package bind

import "fmt"

// Defaults of [Limits]. Django's setting and its default stand beside each; NGINX has no counterpart of them, for it
// bounds the whole body alone (client_max_body_size: 1m, here Ctx.SetBodyLimit), which applies besides.
const (
	// DefaultMemory: DATA_UPLOAD_MAX_MEMORY_SIZE, 2621440.
	DefaultMemory = 2621440
	// DefaultFields: DATA_UPLOAD_MAX_NUMBER_FIELDS, 1000.
	DefaultFields = 1000
	// DefaultFiles: DATA_UPLOAD_MAX_NUMBER_FILES, 100.
	DefaultFiles = 100
	// DefaultFileMemory: FILE_UPLOAD_MAX_MEMORY_SIZE, 2621440.
	DefaultFileMemory = 2621440
	// DefaultPartHeader: MAX_TOTAL_HEADER_SIZE of Django's MultiPartParser, 1024. A long file name in UTF-8 that a client
	// sends twice, as filename and filename*, needs more.
	DefaultPartHeader = 4096
)

// Limits that are not settings.
const (
	maxBoundary   = 200 // bytes of a multipart boundary after its first, as Django; RFC 2046 section 5.1.1 has 70 in all
	maxFileName   = 255 // bytes of a file name, Django's UploadedFile and most file systems
	maxExtension  = 32  // bytes of its extension that a name keeps when it is cut
	maxErrors     = 100 // field errors in a Problem; more would only make the answer large
	maxDiagnosis  = 5   // levels of JSON nesting within which every wrong value is told, see diagnose
	readAhead     = 4096
	maxErrorBytes = 200 // of a text from elsewhere that becomes part of an error
)

// Limits bound what one form may cost. Zero means the default of that field; there is no value for "unlimited".
type Limits struct {
	// Memory bounds the bytes of a form without its files: the whole body of an urlencoded form; names, values and two
	// bytes for each field of a multipart one. Beyond it, pipeline.ErrTooMuchData.
	Memory int64
	// Fields bounds the number of fields, of a form and of a query that is bound. Beyond it, pipeline.ErrTooManyFields.
	Fields int
	// Files bounds the number of file parts, empty ones included. Beyond it, pipeline.ErrTooManyFiles.
	Files int
	// FileMemory bounds the bytes that the files of one request hold in memory, all together; a file that does not fit
	// goes to a temporary file. Django, too, looks at the size of the request before it keeps a file in memory.
	FileMemory int64
	// PartHeader bounds the bytes of the header of one part. Beyond it, pipeline.ErrUnparsed.
	PartHeader int
	// TempDir is where temporary files are made (FILE_UPLOAD_TEMP_DIR); empty is the system's directory.
	TempDir string
}

// withDefaults returns l with its zero fields filled in.
func (l Limits) withDefaults() Limits {
	l.Memory = orDefault(l.Memory, DefaultMemory)
	l.Fields = orDefault(l.Fields, DefaultFields)
	l.Files = orDefault(l.Files, DefaultFiles)
	l.FileMemory = orDefault(l.FileMemory, DefaultFileMemory)
	l.PartHeader = orDefault(l.PartHeader, DefaultPartHeader)
	return l
}

func orDefault[N int | int64](n, def N) N {
	if n == 0 {
		return def
	}
	return n
}

// check refuses negative limits.
func (l Limits) check() error {
	for _, n := range []int64{l.Memory, int64(l.Fields), int64(l.Files), l.FileMemory, int64(l.PartHeader)} {
		if n < 0 {
			return fmt.Errorf("bind: negative limit %d", n)
		}
	}
	return nil
}
