package front

import (
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/server/conf"
)

// At is a place in a configuration; the zero value is none.
type At struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

func (a At) String() string {
	if a.File == "" {
		return ""
	}
	return a.File + ":" + strconv.Itoa(a.Line)
}

// Explanation is what becomes of a request.
type Explanation struct {
	Method string `json:"method"`
	Target string `json:"target"`
	Host   string `json:"host"`
	// Steps are the decisions in the order they are made; an internal redirect goes back to an earlier one.
	Steps []Step `json:"steps"`
	// Server and Location are those that the request ends in, as they stand in the configuration. Location is empty when
	// none matches and the server itself answers.
	Server   Chosen `json:"server"`
	Location Chosen `json:"location"`
	// URI is the normalised path at the end, with its arguments.
	URI string `json:"uri"`
	// Status is the answer when it is known without the content: of a return, a redirect, a refusal; 0 when it is not.
	Status int `json:"status,omitempty"`
	// Redirect is the Location of the answer.
	Redirect string `json:"redirect,omitempty"`
	// Content is what answers: "static file", or a directive. File is the file it would send, Peers are the addresses of the
	// upstream group, App is the route of an application and what runs for it.
	Content string   `json:"content,omitempty"`
	File    string   `json:"file,omitempty"`
	Peers   []string `json:"peers,omitempty"`
	App     string   `json:"app,omitempty"`
	// Runs are the directives in effect at the end, by phase, in the order of the phases.
	Runs []Phase `json:"runs"`
}

// Chosen is a block of the configuration.
type Chosen struct {
	Text string `json:"text"`
	At   At     `json:"at"`
}

// Step is one decision.
type Step struct {
	// Kind is "listen", "server", "location", or a directive: "rewrite", "if", "try_files", "index", "error_page" ...
	Kind string `json:"kind"`
	// Text says what was decided, At where the configuration says so.
	Text string `json:"text"`
	At   At     `json:"at"`
	// Candidates are what was considered, in order.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is what a choice was made from.
type Candidate struct {
	Text    string `json:"text"`
	At      At     `json:"at"`
	Verdict string `json:"verdict"`
	Chosen  bool   `json:"chosen,omitempty"`
}

// Phase is a phase of NGINX with the directives that are in effect in it.
type Phase struct {
	Name       string   `json:"name"`
	Directives []Chosen `json:"directives"`
}

func placeOf(d *conf.Directive) At {
	if d == nil {
		return At{}
	}
	return At{d.File(), d.Line()}
}

// textOf is a directive as it stands in the configuration, without its block.
func textOf(d *conf.Directive) string {
	words := append([]string{d.Name}, d.Args...)
	for i, word := range words {
		if i > 0 && (word == "" || strings.ContainsAny(word, " \t\r\n;{}\"'")) && !strings.Contains(word, "${") {
			words[i] = `"` + strings.ReplaceAll(word, `"`, `\"`) + `"`
		}
	}
	return strings.ReplaceAll(strings.Join(words, " "), `" )`, `")`) // of an if
}
