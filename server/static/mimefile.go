package static

import (
	"fmt"
	"io"
	"strings"
)

// WriteTypes writes the table of types as a types block of a configuration: the mime.types that is shipped with the program.
func WriteTypes(w io.Writer) error {
	width := 0
	for _, row := range nginxTypes {
		if len(row[0]) <= 60 { // as package format makes columns
			width = max(width, len(row[0]))
		}
	}
	var b strings.Builder
	b.WriteString("types {\n")
	for _, row := range nginxTypes {
		fmt.Fprintf(&b, "    %-*s %s;\n", width, row[0], strings.Join(row[1:], " "))
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}
