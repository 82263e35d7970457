package xpath_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// What is read, as the string-value of the root.
var documents = []struct{ text, want string }{
	{"<a>x</a>", "x"}, {"\xef\xbb\xbf<a>é</a>", "é"}, {"\xfe\xff\x00<\x00a\x00>\x00\xe9\x00<\x00/\x00a\x00>", "é"}, {"\xff\xfe<\x00a\x00>\x00\xe9\x00<\x00/\x00a\x00>\x00", "é"},
	{"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>", "é"}, {"<a><![CDATA[<&]]></a>", "<&"}, {"<a>&lt;&#65;&#x42;</a>", "<AB"}, {"<a>1\r\n2\r3</a>", "1\n2\n3"},
	{"<!DOCTYPE a [<!ENTITY e 'v'>]><a>&e;&e;</a>", "vv"}, {"<!DOCTYPE a [<!ENTITY e '<b>v</b>'>]><a>&e;</a>", "v"}, {"<!DOCTYPE a [<!ENTITY e 'first'><!ENTITY e 'second'>]><a>&e;</a>", "first"},
	{"<!DOCTYPE a [<!ENTITY e '&#38;lt;'>]><a>&e;</a>", "<"}, {"<!DOCTYPE a [<!-- ]> --><?p ]>?><!ELEMENT a (#PCDATA)><!ATTLIST a b CDATA ']>'>]>\n<a>x</a>", "x"},
	{"<!DOCTYPE a SYSTEM 'file:///etc/passwd' [<!ENTITY e SYSTEM 'file:///etc/passwd'><!ENTITY p PUBLIC 'x' 'http://127.0.0.1/'>]><a>[&e;&p;]</a>", "[]"},
	{"<!DOCTYPE a [<!ENTITY % p '<!ENTITY e \"x\">'>%p;]><a>y</a>", "y"}, {"<a>&known;</a>", "outside"}, {"<!DOCTYPE a [<!ENTITY known 'inside'>]><a>&known;</a>", "inside"},
	{"<!--&known;--><a><![CDATA[&known;]]><?p &known;?></a>", "&known;"},
}

var badDocuments = []string{
	"", " ", "x", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a/>x", "<a x='1' x='2'/>", "<a x=1/>", "<p:a/>", "<a p:x='1'/>", "<a xmlns:p=''/>", "<a>&none;</a>", "<a>&</a>", "<a x='<'/>",
	"<a x='&none;'/>", "<a>\x00</a>", "<a>\xff</a>", "<!DOCTYPE a", "<!DOCTYPE a [", "<!DOCTYPE a [<!ENTITY e 'x>]><a/>", "<a/><!DOCTYPE a>", "<!--", "<![CDATA[x]]>", "<a><![CDATA[x</a>", "<?p",
	"<a:b:c xmlns:a='x'/>", "<?xml version='1.0' encoding='ebcdic'?><a/>", "<a xmlns:x='u' xmlns:y='u' x:i='1' y:i='2'/>", "<!DOCTYPE a [<!ENTITY e '&e;'>]><a>&e;</a>",
	"<!DOCTYPE a [<!ENTITY e '&f;'><!ENTITY f '&e;'>]><a b='&e;'/>", "<!DOCTYPE a [<!ENTITY e '<b>'>]><a>&e;</a>",
	strings.Repeat("<a>", 300) + strings.Repeat("</a>", 300), laughs(), "<a>" + strings.Repeat("<b/>", xpath.MaxNodes) + "</a>",
}

// laughs is ten entities, each of ten of the one before.
func laughs() string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE a [<!ENTITY e0 'lol'>")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "<!ENTITY e%d '%s'>", i, strings.Repeat(fmt.Sprintf("&e%d;", i-1), 10))
	}
	return b.String() + "]><a>&e9;</a>"
}

var known = xpath.Entities{"known": "outside"}

func TestParse(t *testing.T) {
	for _, test := range documents {
		root, err := xpath.Parse([]byte(test.text), known)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
		} else if got := root.StringValue(); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
	for _, text := range badDocuments {
		if _, err := xpath.Parse([]byte(text), nil); err == nil {
			t.Errorf("%.60q was taken", text)
		}
	}
}

func TestParseDTD(t *testing.T) {
	e, err := xpath.ParseDTD([]byte("<?xml version='1.0' encoding='UTF-8'?><!-- Latin 1 -->\n<!ENTITY nbsp   \"&#160;\">\n<!ENTITY % x SYSTEM 'y'>%x;<!ENTITY ext SYSTEM 'z'>\n<!ELEMENT a ANY>"))
	if err != nil || len(e) != 2 || e["nbsp"] != "\u00a0" || e["ext"] != "" {
		t.Errorf("%q, %v", e, err)
	}
	for _, text := range []string{"<!ENTITY a 'x", "<!--", "<?x", "<!ENTITY"} {
		if _, err := xpath.ParseDTD([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// The lines of nodes are those of the file, whatever stands before them.
func TestLines(t *testing.T) {
	root := parse(t, "<!DOCTYPE a [\n<!ENTITY e 'v'>\n]>\n<a b='x\ny'>\n<c/></a>")
	if c := root.Children[0].Children[1]; c.Name.Local != "c" || c.Line < 5 {
		t.Errorf("%s in line %d", c.Name.Local, c.Line)
	}
}
