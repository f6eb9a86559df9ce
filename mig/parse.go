package mig

import "strings"

// parser reads the preprocessed tokens.
type parser struct {
	l     []token
	i     int
	sub   *Subsystem
	seen  *token // the subsystem statement
	types map[string]*Type
	names map[string]*Routine
	nest  int
}

func (p *parser) peek() token { return p.l[p.i] }

func (p *parser) next() token {
	t := p.l[p.i]
	if t.kind != tEOF {
		p.i++
	}
	return t
}

// accept takes the punctuation s if it is next.
func (p *parser) accept(s string) bool {
	if p.peek().is(s) {
		p.i++
		return true
	}
	return false
}

func (p *parser) expect(s string) token {
	t := p.next()
	if !t.is(s) {
		fail(t.pos, "expected '%s', not %v", s, t)
	}
	return t
}

// word takes an identifier that is s, in any case: the language's words are not
// case sensitive, its names are.
func (p *parser) word(s string) bool {
	if t := p.peek(); t.kind == tIdent && strings.EqualFold(t.text, s) {
		p.i++
		return true
	}
	return false
}

func (p *parser) name(what string) token {
	t := p.next()
	if t.kind != tIdent {
		fail(t.pos, "expected %s, not %v", what, t)
	}
	return t
}

func (p *parser) number(what string, most int64) int {
	t := p.next()
	if t.kind != tNumber {
		fail(t.pos, "expected %s, not %v", what, t)
	}
	v := number(t)
	if v < 0 || v > most {
		fail(t.pos, "%s must be between 0 and %d", what, most)
	}
	return int(v)
}

// statement parsers by their first word.
var statements map[string]func(p *parser, t token)

func init() {
	statements = map[string]func(p *parser, t token){
		"subsystem":       (*parser).subsystem,
		"type":            (*parser).typeDecl,
		"routine":         (*parser).routine,
		"procedure":       (*parser).routine,
		"function":        (*parser).routine,
		"simpleroutine":   (*parser).routine,
		"simpleprocedure": (*parser).routine,
		"skip":            (*parser).skip,
		"import":          (*parser).importFile,
		"uimport":         (*parser).importFile,
		"simport":         (*parser).importFile,
		"iimport":         (*parser).importFile,
		"dimport":         (*parser).importFile,
		"goimport": func(p *parser, _ token) {
			p.sub.GoImport = append(p.sub.GoImport, p.text("an import path"))
		},
		"rcsid":               func(p *parser, _ token) { p.sub.RCSID = p.text("a string") },
		"serverprefix":        func(p *parser, _ token) { p.sub.ServerPrefix = p.name("a prefix").text },
		"userprefix":          func(p *parser, _ token) { p.sub.UserPrefix = p.name("a prefix").text },
		"serverdemux":         func(p *parser, _ token) { p.sub.ServerDemux = p.name("a function").text },
		"waittime":            func(p *parser, _ token) { p.sub.WaitTime = p.value("a time") },
		"nowaittime":          func(p *parser, _ token) { p.sub.WaitTime = "" },
		"sendtime":            func(p *parser, _ token) { p.sub.SendTime = p.value("a time") },
		"nosendtime":          func(p *parser, _ token) { p.sub.SendTime = "" },
		"msgoption":           (*parser).msgOption,
		"error":               func(p *parser, _ token) { p.sub.ErrorProc = p.name("a function").text },
		"usespecialreplyport": func(p *parser, _ token) { p.sub.SpecialReply = p.number("0 or 1", 1<<31) != 0 },
		"consumeonsenderror":  (*parser).consumeOnSendError,
		"userimpl":            (*parser).impl,
		"serverimpl":          (*parser).impl,
		// Limits that chose between stack and heap: nothing hangs on them.
		"usertypelimit": func(p *parser, _ token) { p.number("a size", 1<<31) },
		"onstacklimit":  func(p *parser, _ token) { p.number("a size", 1<<31) },
	}
}

// parse reads a whole file.
func parse(toks []token) *Subsystem {
	p := &parser{l: toks, sub: &Subsystem{}, types: map[string]*Type{}, names: map[string]*Routine{}}
	for p.peek().kind != tEOF {
		if p.accept(";") {
			continue
		}
		t := p.name("a statement")
		f := statements[strings.ToLower(t.text)]
		if f == nil {
			fail(t.pos, "%v begins no statement", t)
		}
		f(p, t)
		p.expect(";")
	}
	if p.seen == nil && len(p.sub.Routines) > 0 {
		fail(p.sub.Routines[0].Pos, "no subsystem statement")
	}
	return p.sub
}

func (p *parser) subsystem(t token) {
	if p.seen != nil {
		fail(t.pos, "a second subsystem statement; the first is at %v", p.seen.pos)
	}
	p.seen = &t
	for {
		switch {
		case p.word("KernelServer"):
			p.sub.KernelServer = true
			continue
		case p.word("KernelUser"):
			p.sub.KernelUser = true
			continue
		}
		break
	}
	p.sub.Name = p.name("the subsystem's name").text
	p.sub.Base = p.number("the first message id", 1<<31-1-maxRoutines)
}

func (p *parser) skip(t token) {
	n := 1
	if p.peek().kind == tNumber {
		n = p.number("a count", maxRoutines)
	}
	p.advance(t.pos, n)
}

func (p *parser) advance(pos Pos, n int) {
	if p.sub.End += n; p.sub.End > maxRoutines {
		fail(pos, "more than %d routines", maxRoutines)
	}
}

// text takes a string.
func (p *parser) text(what string) string {
	t := p.next()
	if t.kind != tString {
		fail(t.pos, "expected %s in quotes, not %v", what, t)
	}
	return t.text
}

// value takes a C expression: a name, a number, or any in quotes.
func (p *parser) value(what string) string {
	t := p.next()
	if t.kind != tIdent && t.kind != tNumber && t.kind != tString {
		fail(t.pos, "expected %s, not %v", what, t)
	}
	return t.text
}

func (p *parser) msgOption(token) {
	v := p.value("an option")
	for p.accept("|") {
		v += " | " + p.value("an option")
	}
	if v == "MACH_MSG_OPTION_NONE" {
		v = ""
	}
	p.sub.MsgOption = v
}

var consumes = map[string]Consume{"None": ConsumeTimeout, "Timeout": ConsumeTimeout, "Any": ConsumeAny}

func (p *parser) consumeOnSendError(token) {
	t := p.name("None, Timeout or Any")
	c, ok := consumes[t.text]
	if !ok {
		fail(t.pos, "expected None, Timeout or Any, not %v", t)
	}
	p.sub.Consume = c
}

// importFile keeps what stands up to the semicolon, as written.
func (p *parser) importFile(t token) {
	i := p.i
	for !p.peek().is(";") {
		if n := p.next(); n.kind == tEOF || p.i-i > 100 {
			fail(t.pos, "import does not end")
		}
	}
	l := p.l[i:p.i]
	if len(l) == 0 {
		fail(t.pos, "import of what?")
	}
	p.sub.Imports = append(p.sub.Imports, Import{strings.ToLower(t.text), spell(l)})
}

// impl is `userimpl name : type`: an argument that only one end's code adds.
func (p *parser) impl(t token) {
	fail(t.pos, "%s belongs in a routine's arguments", strings.ToLower(t.text))
}
