package mig

import (
	"strings"
)

// Loader finds the text of an included file; from is the file that asks, angled
// whether it was asked for in <>. It returns the name to use in messages.
type Loader func(name, from string, angled bool) (path, text string, err error)

type macro struct {
	params   []string
	function bool
	body     []token
}

// cpp is the preprocessor: #include, #import, #define, #undef, #if and its kin,
// #error, #pragma (ignored); object-like and function-like macros with ##.
type cpp struct {
	load   Loader
	macros map[string]*macro
	out    []token
	work   int // tokens looked at, against macros that multiply
	depth  int
	once   map[string]bool
}

// preprocess gives the token stream of a file; defines are NAME or NAME=VALUE.
func preprocess(path, text string, defines []string, load Loader) []token {
	p := &cpp{load: load, macros: map[string]*macro{}, once: map[string]bool{}}
	for _, d := range defines {
		name, value, ok := strings.Cut(d, "=")
		if !ok {
			value = "1"
		}
		l := lex("command line", name+" "+value)
		if l[0].kind != tIdent {
			fail(Pos{"command line", 1, 1}, "-D%s does not begin with a name", d)
		}
		p.macros[l[0].text] = &macro{body: l[1 : len(l)-1]}
	}
	p.file(path, text)
	end := Pos{path, 1, 1}
	if n := len(p.out); n > 0 {
		end = p.out[n-1].pos
	}
	return append(p.out, token{kind: tEOF, pos: end})
}

func (p *cpp) spend(at Pos, n int) {
	if p.work += n; p.work > maxWork {
		fail(at, "macros expand to too much")
	}
}

// cond is one #if: whether its present branch is live, and whether one was.
type cond struct {
	pos               Pos
	outer, live, done bool
	otherwise         bool
}

func (p *cpp) file(path, text string) {
	if p.depth++; p.depth > maxInclude {
		fail(Pos{path, 1, 1}, "files include each other too deeply")
	}
	defer func() { p.depth-- }()
	toks := lex(path, text)
	var conds []cond
	live := func() bool { return len(conds) == 0 || conds[len(conds)-1].live }
	for i := 0; toks[i].kind != tEOF; {
		if toks[i].bol && toks[i].is("#") {
			j := i + 1
			for toks[j].kind != tEOF && !toks[j].bol {
				j++
			}
			conds = p.directive(toks[i].pos, toks[i+1:j], conds, live())
			i = j
			continue
		}
		// Everything up to the next directive is expanded together, so
		// that a macro's arguments may span lines.
		j := i
		for toks[j].kind != tEOF && !(toks[j].bol && toks[j].is("#")) {
			j++
		}
		if live() {
			p.out = append(p.out, p.expand(toks[i:j], 0)...)
			if len(p.out) > maxTokens {
				fail(toks[i].pos, "too long with all that it includes")
			}
		}
		i = j
	}
	if n := len(conds); n > 0 {
		fail(conds[n-1].pos, "#if without #endif")
	}
}

func (p *cpp) directive(at Pos, l []token, conds []cond, live bool) []cond {
	if len(l) == 0 {
		return conds
	}
	name, l := l[0].text, l[1:]
	word := func() string {
		if len(l) == 0 || l[0].kind != tIdent {
			fail(at, "#%s needs a name", name)
		}
		return l[0].text
	}
	switch name {
	case "if", "ifdef", "ifndef":
		if len(conds) >= maxIf {
			fail(at, "#if nested too deeply")
		}
		c := cond{pos: at, outer: live}
		if live {
			switch name {
			case "if":
				c.live = p.eval(at, l) != 0
			case "ifdef":
				c.live = p.macros[word()] != nil
			default:
				c.live = p.macros[word()] == nil
			}
			c.done = c.live
		}
		return append(conds, c)
	case "elif", "else", "endif":
		if len(conds) == 0 {
			fail(at, "#%s without #if", name)
		}
		c := &conds[len(conds)-1]
		if name == "endif" {
			return conds[:len(conds)-1]
		}
		if c.otherwise {
			fail(at, "#%s after #else", name)
		}
		c.otherwise = name == "else"
		c.live = c.outer && !c.done && (name == "else" || p.eval(at, l) != 0)
		c.done = c.done || c.live
		return conds
	}
	if !live {
		return conds
	}
	switch name {
	case "include", "import":
		p.include(at, l, name == "import")
	case "define":
		word()
		p.macros[l[0].text] = p.define(at, l)
	case "undef":
		delete(p.macros, word())
	case "error":
		fail(at, "#error %s", spell(l))
	case "pragma", "warning", "line", "ident":
	default:
		fail(at, "#%s is not known", name)
	}
	return conds
}

func (p *cpp) define(at Pos, l []token) *macro {
	m := &macro{body: l[1:]}
	if len(l) < 2 || !l[1].is("(") || l[1].space {
		return m
	}
	m.function = true
	i := 2
	for ; i < len(l) && !l[i].is(")"); i++ {
		if l[i].is(",") {
			continue
		}
		if l[i].kind != tIdent || len(m.params) >= maxParams {
			fail(l[i].pos, "bad list of parameters")
		}
		m.params = append(m.params, l[i].text)
	}
	if i == len(l) {
		fail(at, "list of parameters does not end")
	}
	m.body = l[i+1:]
	return m
}

func (p *cpp) include(at Pos, l []token, once bool) {
	var name string
	angled := false
	switch {
	case len(l) == 1 && l[0].kind == tString:
		name = l[0].text
	case len(l) > 2 && l[0].is("<") && l[len(l)-1].is(">"):
		name, angled = spell(l[1:len(l)-1]), true
	default:
		fail(at, "#include needs \"file\" or <file>")
	}
	path, text, err := p.load(name, at.File, angled)
	if err != nil {
		fail(at, "can't include %s: %v", name, err)
	}
	if once && p.once[path] {
		return
	}
	p.once[path] = true
	p.file(path, text)
}

// spell is the text of tokens as it stood, with white space made single.
func spell(l []token) string {
	var b strings.Builder
	for i, t := range l {
		if i > 0 && t.space {
			b.WriteByte(' ')
		}
		if t.kind == tString {
			b.WriteString(`"` + t.text + `"`)
			continue
		}
		b.WriteString(t.text)
	}
	return b.String()
}
