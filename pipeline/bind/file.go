package bind

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// File is an uploaded file. It may be read until the response has been sent, by several goroutines.
type File struct {
	// Name is what the client called it, made safe by SafeName; never empty. It is not unique and not to be trusted for more.
	Name string
	// ContentType is what the client says it is, unchecked.
	ContentType string
	// Size is its length in bytes.
	Size int64

	data  []byte // all of it, when it is in memory
	spool *spool // or where it is
	off   int64
}

var (
	fileType  = reflect.TypeFor[*File]()
	filesType = reflect.TypeFor[[]*File]()
)

// InMemory tells whether the file is in memory; otherwise it is in a temporary file.
func (f *File) InMemory() bool { return f.spool == nil }

// Open returns a new reader of the file, at its beginning. There is nothing to close.
func (f *File) Open() *io.SectionReader {
	if f.spool == nil {
		return io.NewSectionReader(bytes.NewReader(f.data), 0, f.Size)
	}
	return io.NewSectionReader(f.spool.file, f.off, f.Size)
}

// Bytes returns the whole file, reading it into memory when it is not there. The bytes may be kept; those of a file in
// memory are shared by all callers.
func (f *File) Bytes() ([]byte, error) {
	if f.spool == nil {
		return f.data, nil
	}
	b := make([]byte, f.Size)
	if _, err := io.ReadFull(f.Open(), b); err != nil {
		return nil, fmt.Errorf("bind: file: %w", err)
	}
	return b, nil
}

// fill reads the content: into memory up to room bytes, or else to the end of the spool.
func (f *File) fill(content io.Reader, room int64, s *spool) error {
	data, err := io.ReadAll(io.LimitReader(content, room+1))
	if err != nil {
		return err
	}
	if int64(len(data)) <= room {
		f.data, f.Size = data, int64(len(data))
		return nil
	}
	f.spool = s
	f.off, f.Size, err = s.append(io.MultiReader(bytes.NewReader(data), content))
	return err
}

// spool is the temporary file of a request, behind one another all files that did not fit into memory. It has no name from
// its first moment on, so nothing is left of it however the process ends, and costs one descriptor however many they are.
type spool struct {
	dir  string
	file *os.File
	end  int64
}

// errSpool marks what is the server's fault: the disk is full.
var errSpool = errors.New("bind: temporary file")

// append writes all of r and returns where it lies.
func (s *spool) append(r io.Reader) (off, n int64, err error) {
	if s.file == nil {
		if err := s.create(); err != nil {
			return 0, 0, fmt.Errorf("%w: %w", errSpool, err)
		}
	}
	off = s.end
	n, err = io.Copy(spoolWriter{s}, r)
	return off, n, err
}

func (s *spool) create() error {
	file, err := os.CreateTemp(s.dir, "wheelpit-upload-*")
	if err != nil {
		return err
	}
	s.file = file
	return os.Remove(file.Name())
}

// close gives the disk space back; files in it can no longer be read.
func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
	}
}

// spoolWriter writes to the end of a spool and tells its errors from those of the reader.
type spoolWriter struct{ *spool }

// Write appends p.
func (w spoolWriter) Write(p []byte) (int, error) {
	n, err := w.file.WriteAt(p, w.end)
	w.end += int64(n)
	if err != nil {
		err = fmt.Errorf("%w: %w", errSpool, err)
	}
	return n, err
}

// SaveOption changes what SaveTo does.
type SaveOption func(*save)

type save struct{ overwrite bool }

// Overwrite lets SaveTo replace a file. Nobody sees half of the new one.
func Overwrite(s *save) { s.overwrite = true }

// SaveTo writes the file under a name within the directory dir, with mode 0644 before umask (Django:
// FILE_UPLOAD_PERMISSIONS). An empty name is f.Name. The file is never outside dir, whatever the name and the symbolic links
// within dir are. When it exists already the error is fs.ErrExist, unless there is Overwrite.
func (f *File) SaveTo(dir, name string, options ...SaveOption) error {
	var s save
	for _, o := range options {
		o(&s)
	}
	if name == "" {
		name = f.Name
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("bind: save: %w", err)
	}
	defer root.Close()
	if s.overwrite {
		err = f.replace(root, name)
	} else {
		err = f.write(root, name)
	}
	if err != nil {
		return fmt.Errorf("bind: save: %w", err)
	}
	return nil
}

// replace writes beside the name and then takes it.
func (f *File) replace(root *os.Root, name string) error {
	part := path.Join(path.Dir(name), fmt.Sprintf(".upload-%016x", rand.Uint64()))
	if err := f.write(root, part); err != nil {
		return err
	}
	err := root.Rename(part, name)
	if err != nil {
		root.Remove(part)
	}
	return err
}

// write makes a new file of the content; what fails leaves nothing behind.
func (f *File) write(root *os.Root, name string) error {
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, f.Open())
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		root.Remove(name)
	}
	return err
}

// SafeName makes a file name of what a client calls a file: character references resolved, the part behind the last slash
// or backslash, printable characters only, at most 255 bytes with an extension up to 32 kept. It is "" when nothing is left, and
// for "." and ".." (Django: MultiPartParser.sanitize_file_name, UploadedFile.name).
func SafeName(name string) string {
	name = html.UnescapeString(strings.ToValidUTF8(name, "\uFFFD"))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, name)
	name = strings.TrimSpace(name)
	if !fs.ValidPath(name) || name == "." {
		return ""
	}
	if len(name) > maxFileName {
		ext := path.Ext(name)
		if len(ext) > maxExtension {
			ext = ""
		}
		name = cut(name, maxFileName-len(ext)) + ext
	}
	return name
}

// cut returns at most n bytes of s, of whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
