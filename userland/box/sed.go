//go:build darwin

package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

func init() { register(map[string]tool{"sed": sed}) }

// sedCmd is one command of a script.
type sedCmd struct {
	addr    [2]*sedAddr
	not     bool
	inside  bool // of a range
	op      byte
	text    string // label, text or file
	re      *regexp.Regexp
	global  bool
	print   bool
	nth     int
	letters map[rune]rune
	jump    int // of b, t and {: the command to go on with
}

type sedAddr struct {
	line int // 0: by re; -1: the last
	re   *regexp.Regexp
}

type sedScript struct {
	cmds     []*sedCmd
	extended bool
	src      string
	err      error
}

func sed(args []string) int {
	const use = "[-Ealnu] [-i extension] [-e script] [-f file] [script] [file ...]"
	o, ok := getopt(args, "aEe:f:i:lnru", use)
	if !ok {
		return 1
	}
	c := &cmd{name: "sed"}
	var script []string
	for i := 1; i < len(args)-len(o.args); i++ { // -e and -f may be repeated and mixed
		for _, f := range "ef" {
			at := strings.IndexRune(args[i], f)
			if args[i][0] != '-' || at < 1 || strings.Trim(args[i][1:at], "aElnru") != "" {
				continue
			}
			v := args[i][at+1:]
			if v == "" {
				i++
				v = args[i]
			}
			if f == 'f' {
				data, err := os.ReadFile(v)
				if err != nil {
					c.warn(v, err)
					return 1
				}
				v = strings.TrimSuffix(string(data), "\n")
			}
			script = append(script, v)
			break
		}
	}
	files := o.args
	if len(script) == 0 {
		if len(files) == 0 {
			return usage("sed", use)
		}
		script, files = files[:1], files[1:]
	}
	s := &sedScript{extended: o.has('E') || o.has('r'), src: strings.Join(script, "\n")}
	if s.parse(); s.err != nil {
		return c.fail("%v", s.err)
	}
	if !o.has('i') {
		var text strings.Builder
		c.inputs(files, func(_ string, in *os.File) error {
			data, err := readAllFd(int(in.Fd()))
			text.Write(data)
			if len(data) > 0 && data[len(data)-1] != '\n' && len(files) > 1 {
				text.WriteByte('\n')
			}
			return err
		})
		s.run(text.String(), o.has('n'), func(t string) { out.WriteString(t) })
		return c.status
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		st, _ := os.Stat(f)
		if err == nil && o.value['i'] != "" {
			err = os.WriteFile(f+o.value['i'], data, st.Mode().Perm())
		}
		if err == nil {
			var b strings.Builder
			s.run(string(data), o.has('n'), func(t string) { b.WriteString(t) })
			err = os.WriteFile(f, []byte(b.String()), st.Mode().Perm())
		}
		if err != nil {
			c.warn(f, err)
		}
	}
	return c.status
}

func (s *sedScript) fail(format string, a ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, a...)
	}
}

// until reads up to an unescaped delimiter, which may stand in brackets.
func (s *sedScript) until(delim byte) string {
	var b strings.Builder
	in := false
	for i := 0; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '\\' && i+1 < len(s.src) && !in:
			i++
			if s.src[i] != delim {
				b.WriteByte('\\')
			}
			b.WriteByte(s.src[i])
		case c == delim && !in:
			s.src = s.src[i+1:]
			return b.String()
		case c == '[' && !in && delim != '[':
			in = strings.IndexByte(s.src[i+1:], ']') >= 0
			b.WriteByte(c)
			if in && i+1 < len(s.src) && s.src[i+1] == '^' {
				i++
				b.WriteByte('^')
			}
			if in && i+1 < len(s.src) && s.src[i+1] == ']' {
				i++
				b.WriteByte(']')
			}
		case c == ']' && in:
			in = false
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	s.fail("unterminated regular expression")
	s.src = ""
	return ""
}

// plain reads up to an unescaped delimiter, without regard to brackets.
func (s *sedScript) plain(delim byte) string {
	for i := 0; i < len(s.src); i++ {
		if s.src[i] == '\\' {
			i++
		} else if s.src[i] == delim {
			r := s.src[:i]
			s.src = s.src[i+1:]
			return r
		}
	}
	s.fail("unterminated command")
	s.src = ""
	return ""
}

func (s *sedScript) compile(re string, fold bool) *regexp.Regexp {
	if re == "" {
		return nil // the last one used
	}
	if s.extended {
		re = extendedToGo(re)
	} else {
		re = basicToGo(re)
	}
	if fold {
		re = "(?i)" + re
	}
	r, err := regexp.Compile(re)
	if err != nil {
		s.fail("%v", err)
	}
	return r
}

func (s *sedScript) addr() *sedAddr {
	if s.src == "" {
		return nil
	}
	switch c := s.src[0]; {
	case c >= '0' && c <= '9':
		n := 0
		for s.src != "" && s.src[0] >= '0' && s.src[0] <= '9' {
			n = min(n*10+int(s.src[0]-'0'), 1<<40)
			s.src = s.src[1:]
		}
		return &sedAddr{line: n}
	case c == '$':
		s.src = s.src[1:]
		return &sedAddr{line: -1}
	case c == '/' || c == '\\' && len(s.src) > 1:
		if c == '\\' {
			s.src = s.src[1:]
			c = s.src[0]
		}
		s.src = s.src[1:]
		re := s.until(c)
		fold := strings.HasPrefix(s.src, "I")
		s.src = strings.TrimPrefix(s.src, "I")
		return &sedAddr{re: s.compile(re, fold)}
	}
	return nil
}

func (s *sedScript) parse() {
	var open []int
	labels := map[string]int{}
	for s.err == nil {
		s.src = strings.TrimLeft(s.src, " \t\n;")
		if s.src == "" {
			break
		}
		if s.src[0] == '#' {
			_, s.src, _ = strings.Cut(s.src, "\n")
			continue
		}
		c := &sedCmd{jump: -1}
		if c.addr[0] = s.addr(); c.addr[0] != nil {
			s.src = strings.TrimLeft(s.src, " ")
			if strings.HasPrefix(s.src, ",") {
				s.src = strings.TrimLeft(s.src[1:], " ")
				if c.addr[1] = s.addr(); c.addr[1] == nil {
					s.fail("unexpected , in address")
				}
			}
		}
		s.src = strings.TrimLeft(s.src, " \t")
		for strings.HasPrefix(s.src, "!") {
			c.not = true
			s.src = strings.TrimLeft(s.src[1:], " \t")
		}
		if s.src == "" {
			s.fail("command expected")
			return
		}
		c.op = s.src[0]
		s.src = s.src[1:]
		switch c.op {
		case '{':
			open = append(open, len(s.cmds))
		case '}':
			if len(open) == 0 {
				s.fail("unexpected }")
				return
			}
			s.cmds[open[len(open)-1]].jump = len(s.cmds)
			open = open[:len(open)-1]
		case ':', 'b', 't':
			n := strings.IndexAny(s.src+"\n", ";\n}")
			if c.op == ':' {
				n = strings.IndexAny(s.src+"\n", "\n;")
			}
			c.text = strings.TrimSpace(s.src[:n])
			s.src = s.src[n:]
			if c.op == ':' {
				labels[c.text] = len(s.cmds)
			}
		case 'a', 'i', 'c':
			t := strings.TrimLeft(s.src, " \t")
			if strings.HasPrefix(t, "\\\n") {
				t = t[2:]
			} else if strings.HasPrefix(t, "\\") {
				t = t[1:]
			}
			var b strings.Builder
			i := 0
			for ; i < len(t) && t[i] != '\n'; i++ {
				if t[i] == '\\' && i+1 < len(t) {
					i++
				}
				b.WriteByte(t[i])
			}
			c.text, s.src = b.String()+"\n", t[i:]
		case 's':
			s.substitute(c)
		case 'y':
			s.transliterate(c)
		case 'r', 'w':
			n := strings.IndexByte(s.src+"\n", '\n')
			c.text, s.src = strings.TrimSpace(s.src[:n]), s.src[n:]
			if c.op == 'w' {
				s.fail("w is not supported")
			}
		case 'q', 'd', 'D', 'p', 'P', 'n', 'N', 'h', 'H', 'g', 'G', 'x', '=', 'l':
		default:
			s.fail("invalid command code %c", c.op)
		}
		s.cmds = append(s.cmds, c)
	}
	if len(open) > 0 {
		s.fail("unexpected EOF (pending }'s)")
	}
	for _, c := range s.cmds {
		if c.op == 'b' || c.op == 't' {
			at, ok := labels[c.text]
			if !ok && c.text != "" {
				s.fail("undefined label '%s'", c.text)
			}
			if c.jump = at; c.text == "" {
				c.jump = len(s.cmds)
			}
		}
	}
}

func (s *sedScript) substitute(c *sedCmd) {
	if s.src == "" {
		s.fail("unterminated substitute pattern")
		return
	}
	delim := s.src[0]
	s.src = s.src[1:]
	re := s.until(delim)
	c.text = s.plain(delim)
	fold := false
	for s.src != "" && s.err == nil {
		switch f := s.src[0]; {
		case f == 'g':
			c.global = true
		case f == 'p':
			c.print = true
		case f == 'i' || f == 'I':
			fold = true
		case f >= '1' && f <= '9':
			c.nth, _ = strconv.Atoi(string(f))
		case f == 'w':
			s.fail("the flag w is not supported")
		default:
			c.re = s.compile(re, fold)
			return
		}
		s.src = s.src[1:]
	}
	c.re = s.compile(re, fold)
}

func (s *sedScript) transliterate(c *sedCmd) {
	if s.src == "" {
		s.fail("unterminated transform")
		return
	}
	delim := s.src[0]
	s.src = s.src[1:]
	un := strings.NewReplacer(`\n`, "\n", `\\`, `\`, `\`+string(delim), string(delim))
	a, b := []rune(un.Replace(s.plain(delim))), []rune(un.Replace(s.plain(delim)))
	if len(a) != len(b) {
		s.fail("transform strings are not the same length")
		return
	}
	c.letters = map[rune]rune{}
	for i := range a {
		c.letters[a[i]] = b[i]
	}
}

// replacement writes the right side of s for one match.
func replacement(b *strings.Builder, text, line string, m []int) {
	group := func(n int) {
		if 2*n+1 < len(m) && m[2*n] >= 0 {
			b.WriteString(line[m[2*n]:m[2*n+1]])
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '&':
			group(0)
		case c == '\\' && i+1 < len(text):
			i++
			switch c = text[i]; {
			case c >= '0' && c <= '9':
				group(int(c - '0'))
			case c == 'n':
				b.WriteByte('\n')
			case c == 't':
				b.WriteByte('\t')
			default:
				b.WriteByte(c)
			}
		default:
			b.WriteByte(c)
		}
	}
}

// run edits text; the last line keeps its lack of a newline.
func (s *sedScript) run(text string, quiet bool, emit func(string)) {
	if text == "" {
		return
	}
	noEnd := !strings.HasSuffix(text, "\n")
	ls := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	hold, at := "", 0
	var last *regexp.Regexp
	match := func(re *regexp.Regexp, l string) bool {
		if re != nil {
			last = re
		}
		return last != nil && last.MatchString(l)
	}
	for at < len(ls) {
		space := ls[at]
		put := func(t string) {
			if noEnd && at >= len(ls)-1 {
				emit(t)
			} else {
				emit(t + "\n")
			}
		}
		hits := func(a *sedAddr) bool {
			switch {
			case a.line == -1:
				return at == len(ls)-1
			case a.line > 0:
				return at+1 == a.line
			}
			return match(a.re, space)
		}
		selected := func(c *sedCmd) bool {
			switch {
			case c.addr[0] == nil:
				return true
			case c.addr[1] == nil:
				return hits(c.addr[0])
			case c.inside:
				if e := c.addr[1]; e.line > 0 && at+1 >= e.line || e.line <= 0 && hits(e) {
					c.inside = false
					return e.line <= 0 || at+1 == e.line
				}
				return true
			case hits(c.addr[0]):
				c.inside = !(c.addr[1].line > 0 && c.addr[1].line <= at+1)
				return true
			}
			return false
		}
		after, print, quit, done := "", !quiet, false, false
		for pc := 0; pc < len(s.cmds); pc++ {
			c := s.cmds[pc]
			if selected(c) == c.not {
				if c.op == '{' {
					pc = c.jump
				}
				continue
			}
			stop := false
			switch c.op {
			case 's':
				if r, ok := sedReplace(c, space, &last); ok {
					space, done = r, true
					if c.print {
						put(space)
					}
				}
			case 'y':
				space = strings.Map(func(r rune) rune {
					if t, ok := c.letters[r]; ok {
						return t
					}
					return r
				}, space)
			case 'p':
				put(space)
			case 'P':
				l, _, _ := strings.Cut(space, "\n")
				emit(l + "\n")
			case 'd':
				print, stop = false, true
			case 'D':
				_, rest, more := strings.Cut(space, "\n")
				print, stop = false, true
				if more {
					ls[at] = rest
					at--
				}
			case 'q':
				quit, stop = true, true
			case 'n':
				if at+1 >= len(ls) {
					stop = true
					break
				}
				if print {
					put(space)
				}
				at++
				space = ls[at]
			case 'N':
				if at+1 >= len(ls) {
					stop = true
					break
				}
				at++
				space += "\n" + ls[at]
			case 'h':
				hold = space
			case 'H':
				hold += "\n" + space
			case 'g':
				space = hold
			case 'G':
				space += "\n" + hold
			case 'x':
				space, hold = hold, space
			case '=':
				emit(strconv.Itoa(at+1) + "\n")
			case 'l':
				q := strconv.QuoteToASCII(space)
				emit(q[1:len(q)-1] + "$\n")
			case 'i':
				emit(c.text)
			case 'a':
				after += c.text
			case 'r':
				data, _ := os.ReadFile(c.text) // one that can't be read is empty
				after += string(data)
			case 'c':
				if c.addr[1] == nil || !c.inside || c.not {
					emit(c.text)
				}
				print, stop = false, true
			case 'b':
				pc = c.jump - 1
			case 't':
				if done {
					done = false
					pc = c.jump - 1
				}
			}
			if stop {
				break
			}
		}
		if print {
			put(space)
		}
		emit(after)
		if quit {
			return
		}
		at++
	}
}

func sedReplace(c *sedCmd, line string, last **regexp.Regexp) (string, bool) {
	if c.re != nil {
		*last = c.re
	}
	if *last == nil {
		return line, false
	}
	var b strings.Builder
	at, n, done := 0, 0, false
	for _, m := range (*last).FindAllStringSubmatchIndex(line, -1) {
		if n++; n < c.nth || done && !c.global {
			continue
		}
		b.WriteString(line[at:m[0]])
		replacement(&b, c.text, line, m)
		at, done = m[1], true
	}
	b.WriteString(line[at:])
	return b.String(), done
}
