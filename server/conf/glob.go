package conf

import (
	"os"
	"sort"
	"strings"
)

// Glob lists the files that a pattern of include names, in the order of their bytes, as glob(3) does for NGINX: a "*" or a "?" does
// not stand for the dot that a name begins with, so that what an editor leaves beside a file is not read; "[!a-z]" and "[^a-z]" are
// every other letter, "[[:alpha:]]" a class; a "[" that nothing closes stands for itself. Directories that cannot be read have no
// files. The error is always nil; it is there for [Options].
func Glob(pattern string) ([]string, error) {
	found := []string{""}
	if strings.HasPrefix(pattern, "/") {
		found[0] = "/"
	}
	for part := range strings.SplitSeq(pattern, "/") {
		if part == "" {
			continue
		}
		var deeper []string
		for _, dir := range found {
			deeper = append(deeper, globIn(dir, part)...)
		}
		found = deeper
	}
	sort.Strings(found)
	return found, nil
}

// globIn lists what one part of a pattern names in a directory, with the directory's name in front.
func globIn(dir, part string) (list []string) {
	if !strings.ContainsAny(part, `*?[\`) {
		if exists(join(dir, part)) {
			return []string{join(dir, part)}
		}
		return nil
	}
	at := dir
	if at == "" {
		at = "."
	}
	entries, _ := os.ReadDir(at)
	names := []string{".", ".."}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	for _, name := range names {
		if globMatch(part, name) && exists(join(dir, name)) {
			list = append(list, join(dir, name))
		}
	}
	return list
}

// join puts a name behind a directory and cleans neither, as messages show both.
func join(dir, name string) string {
	if dir == "" || strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// globMatch says whether a pattern without slashes names a file.
func globMatch(pattern, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(strings.TrimPrefix(pattern, `\`), ".") {
		return false
	}
	return globRest(pattern, name)
}

func globRest(pattern, name string) bool {
	for pattern != "" {
		if pattern[0] == '*' {
			pattern = strings.TrimLeft(pattern, "*")
			for i := 0; i <= len(name); i++ {
				if globRest(pattern, name[i:]) {
					return true
				}
			}
			return false
		}
		if name == "" {
			return false
		}
		rest, ok := globByte(pattern, name[0])
		if !ok {
			return false
		}
		pattern, name = rest, name[1:]
	}
	return name == ""
}

// globByte compares a letter with what the pattern begins with and returns the rest of the pattern.
func globByte(pattern string, c byte) (rest string, ok bool) {
	switch {
	case pattern[0] == '?':
		return pattern[1:], true
	case pattern[0] == '\\' && len(pattern) > 1:
		return pattern[2:], pattern[1] == c
	case pattern[0] == '[':
		if end := globBracket(pattern); end > 0 {
			return pattern[end+1:], inBracket(pattern[1:end], c)
		}
	}
	return pattern[1:], pattern[0] == c
}

// globBracket is where the bracket that the pattern begins with is closed, -1 when it is not.
func globBracket(p string) int {
	i := 1
	if i < len(p) && (p[i] == '!' || p[i] == '^') {
		i++
	}
	for first := true; i < len(p); i, first = i+1, false {
		switch {
		case p[i] == ']' && !first:
			return i
		case p[i] == '\\':
			i++
		case strings.HasPrefix(p[i:], "[:"):
			if end := strings.Index(p[i:], ":]"); end > 0 {
				i += end + 1
			}
		}
	}
	return -1
}

// inBracket says whether a letter is among those of a bracket, whose text comes without the brackets.
func inBracket(set string, c byte) bool {
	not := set[0] == '!' || set[0] == '^'
	if not {
		set = set[1:]
	}
	for set != "" {
		var yes bool
		if yes, set = bracketItem(set, c); yes {
			return !not
		}
	}
	return not
}

// bracketItem compares a letter with the class, range or letter that a set begins with, and returns the others.
func bracketItem(set string, c byte) (yes bool, rest string) {
	if name, after, ok := strings.Cut(strings.TrimPrefix(set, "[:"), ":]"); ok && strings.HasPrefix(set, "[:") {
		return letterClasses[name] != nil && letterClasses[name](c), after
	}
	low, set := bracketByte(set)
	if len(set) < 2 || set[0] != '-' {
		return c == low, set
	}
	high, set := bracketByte(set[1:])
	return low <= c && c <= high, set
}

func bracketByte(set string) (c byte, rest string) {
	if set[0] == '\\' && len(set) > 1 {
		set = set[1:]
	}
	return set[0], set[1:]
}

// letterClasses are POSIX's, of ASCII.
var letterClasses = map[string]func(c byte) bool{
	"alpha":  func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' },
	"digit":  func(c byte) bool { return c >= '0' && c <= '9' },
	"alnum":  func(c byte) bool { return c != '_' && isNameByte(c) },
	"lower":  func(c byte) bool { return c >= 'a' && c <= 'z' },
	"upper":  func(c byte) bool { return c >= 'A' && c <= 'Z' },
	"xdigit": func(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' },
	"punct":  func(c byte) bool { return c > ' ' && c < 0x7f && (c == '_' || !isNameByte(c)) },
	"space":  func(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' },
	"blank":  func(c byte) bool { return c == ' ' || c == '\t' },
	"graph":  func(c byte) bool { return c > ' ' && c < 0x7f },
	"print":  func(c byte) bool { return c >= ' ' && c < 0x7f },
	"cntrl":  func(c byte) bool { return c < ' ' || c == 0x7f },
}
