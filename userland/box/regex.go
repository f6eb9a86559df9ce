//go:build darwin

package main

import (
	"regexp"
	"strings"
)

// basicRegexp compiles a basic regular expression; extendedRegexp an extended one.
// Go's expressions have no back references: those are an error.
func basicRegexp(s string) (*regexp.Regexp, error) { return regexp.Compile(basicToGo(s)) }

func extendedRegexp(s string) (*regexp.Regexp, error) { return regexp.Compile(extendedToGo(s)) }

// bracket copies a bracket expression at the start of s, and gives its length.
func bracket(b *strings.Builder, s string) int {
	i := 1
	b.WriteByte('[')
	if i < len(s) && s[i] == '^' {
		b.WriteByte('^')
		i++
	}
	for first := true; i < len(s); first = false {
		switch c := s[i]; {
		case c == ']' && !first:
			b.WriteByte(']')
			return i + 1
		case c == '[' && i+1 < len(s) && s[i+1] == ':':
			if end := strings.Index(s[i:], ":]"); end > 0 {
				b.WriteString(s[i : i+end+2])
				i += end + 2
				continue
			}
			b.WriteString(`\[`)
		case strings.IndexByte(`\[]`, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
		i++
	}
	return i
}

// escapes are what a backslash may stand before, besides punctuation.
var regexEscapes = map[byte]string{'<': `\b`, '>': `\b`, 'b': `\b`, 'B': `\B`, 'w': `\w`, 'W': `\W`, 's': `\s`, 'S': `\S`, 'n': `\n`, 't': `\t`}

func basicToGo(s string) string {
	var b strings.Builder
	start := true
	for i := 0; i < len(s); {
		c := s[i]
		begin := start
		start = false
		switch {
		case c == '[':
			i += bracket(&b, s[i:])
			continue
		case c == '*' && begin:
			b.WriteString(`\*`)
		case c == '^' && !begin, c == '$' && i+1 < len(s) && !strings.HasPrefix(s[i+1:], `\)`) && !strings.HasPrefix(s[i+1:], `\|`):
			b.WriteString(`\` + string(c))
		case c == '^':
			b.WriteByte(c)
			start = true
		case strings.IndexByte("+?(){}|", c) >= 0:
			b.WriteString(`\` + string(c))
		case c == '\\' && i+1 < len(s):
			i++
			c = s[i]
			switch {
			case strings.IndexByte("(){}|+?", c) >= 0:
				b.WriteByte(c)
				start = c == '(' || c == '|'
			case regexEscapes[c] != "":
				b.WriteString(regexEscapes[c])
			default:
				b.WriteByte('\\')
				b.WriteByte(c)
			}
		default:
			b.WriteByte(c)
		}
		i++
	}
	return b.String()
}

func extendedToGo(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '[':
			i += bracket(&b, s[i:])
			continue
		case c == '\\' && i+1 < len(s):
			i++
			if e := regexEscapes[s[i]]; e != "" {
				b.WriteString(e)
			} else {
				b.WriteString(s[i-1 : i+1])
			}
		default:
			b.WriteByte(c)
		}
		i++
	}
	return b.String()
}
