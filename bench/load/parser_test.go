package load

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// answer is what the parser told about one answer.
type answer struct {
	status int
	length int64
	last   bool
}

var parserCases = []struct {
	name, wire string
	want       []answer
	err        error
}{
	{"fixed", "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 13\r\n\r\nHello, World!", []answer{{200, 13, false}}, nil},
	{"no reason", "HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", []answer{{200, 0, false}}, nil},
	{"two pipelined", strings.Repeat("HTTP/1.1 404 Not Found\r\nCONTENT-LENGTH: 2\r\n\r\nno", 2), []answer{{404, 2, false}, {404, 2, false}}, nil},
	{"not modified keeps no content", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", []answer{{304, 0, false}, {204, 0, false}}, nil},
	{"interim", "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", []answer{{200, 1, false}}, nil},
	{"close", "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx", []answer{{200, 1, true}}, nil},
	{"old version", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", []answer{{200, 1, true}}, nil},
	{"old version, kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", []answer{{200, 1, false}}, nil},
	{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nHello\r\nA \r\n0123456789\r\n0\r\nX: y\r\n\r\n", []answer{{200, 15, false}}, nil},
	{"empty chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", []answer{{200, 0, false}}, nil},
	{"line feeds alone", "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", []answer{{200, 1, false}}, nil},
	{"to the end of the stream", "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nabc", []answer{{200, 3, true}}, nil},
	{"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", nil, errHead},
	{"bad status", "HTTP/1.1 2x0 OK\r\n\r\n", nil, errHead},
	{"bad length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", nil, errHead},
	{"huge length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", nil, errHead},
	{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", nil, errHead},
	{"bad chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ng\r\n", nil, errChunk},
	{"chunk too long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", nil, errChunk},
}

// parse feeds the pieces of a stream, which ends after the last.
func parse(pieces ...string) (got []answer, err error) {
	var p parser
	for _, piece := range pieces {
		for input := []byte(piece); len(input) > 0; {
			n, complete, err := p.feed(input)
			if err != nil {
				return got, err
			}
			if complete {
				got = append(got, answer{p.status, p.length, p.last})
			} else if n != len(input) {
				return got, errors.New("an incomplete answer left input unread")
			}
			input = input[n:]
		}
	}
	if p.eof() {
		got = append(got, answer{p.status, p.length, p.last})
	}
	return got, nil
}

func checkAnswers(t *testing.T, how string, got, want []answer, err, wantErr error) {
	t.Helper()
	if !errors.Is(err, wantErr) || len(got) != len(want) {
		t.Fatalf("%s: %v, %v; want %v, %v", how, got, err, want, wantErr)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: answer %d is %+v, want %+v", how, i, got[i], want[i])
		}
	}
}

func TestParser(t *testing.T) {
	for _, tc := range parserCases {
		t.Run(tc.name, func(t *testing.T) {
			got, err := parse(tc.wire)
			checkAnswers(t, "whole", got, tc.want, err, tc.err)
			got, err = parse(strings.Split(tc.wire, "")...)
			checkAnswers(t, "byte by byte", got, tc.want, err, tc.err)
			for i := range tc.wire {
				got, err = parse(tc.wire[:i], tc.wire[i:])
				checkAnswers(t, "split "+tc.wire[:i], got, tc.want, err, tc.err)
			}
		})
	}
}

func TestParserBoundsLines(t *testing.T) {
	var p parser
	_, _, err := p.feed(bytes.Repeat([]byte("a"), maxLine+1))
	if err != errHead {
		t.Errorf("an endless line gives %v", err)
	}
}

// FuzzParser: any split gives the same answers as the whole, and nothing panics.
func FuzzParser(f *testing.F) {
	for _, tc := range parserCases {
		f.Add(tc.wire, 7)
	}
	f.Fuzz(func(t *testing.T, wire string, split int) {
		whole, err := parse(wire)
		split = min(max(split, 0), len(wire))
		cut, cutErr := parse(wire[:split], wire[split:])
		checkAnswers(t, "split", cut, whole, cutErr, err)
	})
}
