package debugpage

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// The bounds of a report, in bytes of UTF-8 unless said.
const (
	maxText    = 512 << 10 // everything that comes from outside
	maxRaw     = 1 << 20   // what is searched for known secrets of one text
	maxStudied = 16        // what is looked at more closely, as a multiple of what may be shown of a text
	maxMessage = 8 << 10   // the text of an error
	maxValue   = 1 << 10
	maxName    = 256
	maxList    = 100  // entries
	maxGather  = 1000 // entries that are looked at for secrets
)

var (
	// userinfo is that of a URL (RFC 3986 section 3.2.1), with any "@" that should have been escaped.
	userinfo = regexp.MustCompile(`//[^/?#\s"'<>\\]*@`)
	// credentials are lines of a head within a text.
	credentials = regexp.MustCompile(`(?i)\b((?:proxy-)?authorization|(?:set-)?cookie2?)\b(\s*[:=]\s*)[^\r\n]*`)
)

// named are the ways in which running text gives a name a value.
var named = [...]struct{ name, value *regexp.Regexp }{
	// name=value, the value in quotes or up to the next space.
	{regexp.MustCompile(`([^\s&;,?"'<>=(){}]+)=`), regexp.MustCompile(`^(?:"[^"]*"|'[^']*'|[^&;\s]*)`)},
	// A member of a JSON object, perhaps quoted within a string.
	{regexp.MustCompile(`"([^"\\/?=\s]{1,64})\\?"\s*:\s*`), regexp.MustCompile(`^(?:\\?"(?:[^"\\]|\\.)*"?|[^\s,}\]]+)`)},
}

// mask replaces the secrets in text: the known ones, and what the Filter says of names that the text gives values to. It looks
// through percent-encoding, up to three times; when there is a secret behind it the decoded text is what is returned.
func (b *builder) mask(text string) string {
	masked := b.maskPlain(text)
	for seen, i := masked, 0; i < 3; i++ {
		plain := unescape(seen, false)
		if plain == seen {
			break
		}
		if seen = b.maskPlain(plain); seen != plain {
			masked = seen
		}
	}
	return masked
}

func (b *builder) maskPlain(text string) string {
	if !b.learning { // every secret that is learned changes what would be looked for
		text = b.secrets.mask(text)
	}
	text = userinfo.ReplaceAllStringFunc(text, func(info string) string {
		info = info[len("//") : len(info)-len("@")]
		_, password, _ := strings.Cut(info, ":")
		b.learn(info)
		b.learn(password)
		return "//" + Mask + "@"
	})
	text = credentials.ReplaceAllString(text, "${1}${2}"+Mask)
	for _, n := range named {
		text = b.maskNamed(text, n.name, n.value)
	}
	return text
}

// study keeps the secrets in a text of the request, for the texts that quote parts of it.
func (b *builder) study(text string) {
	text = text[:min(len(text), maxStudied*maxValue, b.unstudied)]
	b.unstudied -= len(text)
	b.learning = true
	b.mask(text)
	b.learning = false
}

// learn keeps a secret that was found while studying.
func (b *builder) learn(value string) {
	if b.learning && !strings.Contains(value, Mask) {
		b.secrets.add(strings.Trim(value, `"'`))
	}
}

// maskNamed masks the values of secret names. The value of any other name is looked at as text again, for it may be a URL.
func (b *builder) maskNamed(text string, name, value *regexp.Regexp) string {
	var masked strings.Builder
	done := 0
	for _, at := range name.FindAllStringSubmatchIndex(text, -1) {
		if at[0] < done || !b.filter(Text, unescape(text[at[2]:at[3]], true)) {
			continue
		}
		if n := len(value.FindString(text[at[1]:])); n > 0 {
			masked.WriteString(text[done:at[1]] + Mask)
			done = at[1] + n
			b.learn(text[at[1]:done])
		}
	}
	return masked.String() + text[done:]
}

// text makes s fit to be shown: masked, in one line, at most limit bytes of it.
func (b *builder) text(s string, limit int) string {
	return b.cut(printable(b.visible(s, limit), false), len(s), limit)
}

// lines is text with its line ends and tabs.
func (b *builder) lines(s string, limit int) string {
	return b.cut(printable(b.visible(s, limit), true), len(s), limit)
}

// visible returns the part of s that may come to be shown, and more, masked. Known secrets are replaced before anything is
// cut off, so that none is halved.
func (b *builder) visible(s string, limit int) string {
	if b.left == 0 {
		return s[:min(len(s), 1)] // enough for cut to tell it from nothing
	}
	s = b.secrets.mask(s[:min(len(s), maxRaw)])
	return b.mask(s[:min(len(s), maxStudied*limit)])
}

// cut returns at most limit bytes of s, and of what is left of the report's own bound. size is that of the whole.
func (b *builder) cut(s string, size, limit int) string {
	limit = min(limit, b.left)
	if len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = fmt.Sprintf("%s… (%d bytes)", s[:limit], size)
	}
	b.left = max(0, b.left-len(s))
	return s
}

// printable escapes what is not UTF-8 or cannot be seen, as Go does in quoted strings: commands of terminals, and characters
// that turn the direction of writing. Line ends and tabs stay when lines is set.
func printable(s string, lines bool) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case strconv.IsPrint(r), lines && (r == '\n' || r == '\t'):
			b.WriteString(s[i : i+n])
		default:
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		}
		i += n
	}
	return b.String()
}

// unescape is s percent-decoded, with "+" as a space if plus is set.
func unescape(s string, plus bool) string {
	b, _ := http1.AppendUnescaped(nil, []byte(s), plus)
	return string(b)
}
