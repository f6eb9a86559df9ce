package mig

import (
	"fmt"
	"strings"
)

// Pos is a place in a source file; line and column count from 1.
type Pos struct {
	File      string
	Line, Col int
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// Error is one complaint about the source.
type Error struct {
	Pos Pos
	Msg string
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Msg }

// fail ends a compilation from any depth; compile recovers it.
func fail(p Pos, format string, args ...any) {
	panic(&Error{p, fmt.Sprintf(format, args...)})
}

type tokenKind uint8

const (
	tEOF tokenKind = iota
	tIdent
	tNumber
	tString // text without the quotes
	tPunct
)

type token struct {
	kind  tokenKind
	bol   bool // first on its line
	space bool // white space before it
	text  string
	pos   Pos
	depth int // of macro expansion, to end recursion
}

func (t token) is(s string) bool { return t.kind == tPunct && t.text == s }

func (t token) String() string {
	switch t.kind {
	case tEOF:
		return "end of file"
	case tString:
		return `"` + t.text + `"`
	}
	return "'" + t.text + "'"
}

// puncts are the tokens of more than one character, the longest first.
var puncts = []string{"##", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>"}

func isIdent(c byte, first bool) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || !first && c >= '0' && c <= '9'
}

// lex splits one file. Directives' lines are tokens like all others, told apart
// by bol.
func lex(file, src string) []token {
	if len(src) > maxFileSize {
		fail(Pos{file, 1, 1}, "file is larger than %d bytes", maxFileSize)
	}
	var out []token
	line, start := 1, 0
	bol, space := true, false
	for i := 0; i < len(src); {
		pos := Pos{file, line, i - start + 1}
		c := src[i]
		switch {
		case c == '\n':
			i++
			line, start, bol, space = line+1, i, true, true
			continue
		case c == '\\' && i+1 < len(src) && (src[i+1] == '\n' || src[i+1] == '\r'):
			i += 2
			if src[i-1] == '\r' && i < len(src) && src[i] == '\n' {
				i++
			}
			line, start, space = line+1, i, true
			continue
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			i++
			space = true
			continue
		case strings.HasPrefix(src[i:], "//"):
			for i < len(src) && src[i] != '\n' {
				i++
			}
			continue
		case strings.HasPrefix(src[i:], "/*"):
			n := strings.Index(src[i+2:], "*/")
			if n < 0 {
				fail(pos, "comment does not end")
			}
			for end := i + n + 4; i < end; i++ {
				if src[i] == '\n' {
					line, start = line+1, i+1
				}
			}
			space = true
			continue
		}
		t := token{bol: bol, space: space, pos: pos}
		bol, space = false, false
		switch {
		case isIdent(c, true):
			j := i
			for j < len(src) && isIdent(src[j], false) {
				j++
			}
			t.kind, t.text, i = tIdent, src[i:j], j
		case c >= '0' && c <= '9':
			j := i
			for j < len(src) && isIdent(src[j], false) {
				j++
			}
			t.kind, t.text, i = tNumber, src[i:j], j
		case c == '"':
			j := i + 1
			for j < len(src) && src[j] != '"' && src[j] != '\n' {
				if src[j] == '\\' && j+1 < len(src) {
					j++
				}
				j++
			}
			if j >= len(src) || src[j] != '"' {
				fail(pos, "string does not end on its line")
			}
			t.kind, t.text, i = tString, src[i+1:j], j+1
		case c > ' ' && c < 0x7f:
			t.kind, t.text = tPunct, src[i:i+1]
			for _, p := range puncts {
				if strings.HasPrefix(src[i:], p) {
					t.text = p
					break
				}
			}
			i += len(t.text)
		default:
			fail(pos, "character %#x does not belong in a .defs file", c)
		}
		out = append(out, t)
		if len(out) > maxTokens {
			fail(pos, "too long")
		}
	}
	return append(out, token{kind: tEOF, bol: true, pos: Pos{file, line, len(src) - start + 1}})
}
