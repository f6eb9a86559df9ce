package mig

import "strings"

func (p *parser) routine(t token) {
	r := &Routine{Pos: t.pos, Simple: strings.HasPrefix(strings.ToLower(t.text), "simple"), Number: p.sub.End, Options: p.sub.Options}
	p.advance(t.pos, 1)
	if p.seen == nil {
		fail(t.pos, "the subsystem statement must come before the routines")
	}
	n := p.name("the routine's name")
	r.Name = n.text
	if old := p.names[r.Name]; old != nil {
		fail(n.pos, "%s is a routine already, at %v", r.Name, old.Pos)
	}
	p.names[r.Name] = r
	p.expect("(")
	for !p.peek().is(")") {
		r.Args = append(r.Args, p.argument(r))
		if len(r.Args) > maxArgs {
			fail(r.Pos, "%s has more than %d arguments", r.Name, maxArgs)
		}
		if !p.accept(";") {
			break
		}
	}
	p.expect(")")
	if p.accept(":") { // a function's result type: it is kern_return_t in any case
		p.spec()
	}
	r.check()
	r.layout()
	p.sub.Routines = append(p.sub.Routines, r)
}

func (p *parser) argument(r *Routine) *Arg {
	t := p.name("an argument")
	a := &Arg{Pos: t.pos, Dir: In}
	if d, ok := directions[strings.ToLower(t.text)]; ok && p.peek().kind == tIdent {
		a.Dir = d
		t = p.name("the argument's name")
	}
	a.Name = t.text
	if cTaken[a.Name] {
		a.Name += "_"
	}
	for _, b := range r.Args {
		if b.Name == a.Name {
			fail(t.pos, "%s has two arguments %s", r.Name, a.Name)
		}
	}
	p.expect(":")
	first := p.peek()
	if first.kind == tIdent && p.l[p.i+1].is("=") {
		p.i++
		a.Type = p.namedType(first)
	} else {
		a.Type = p.transSpec()
		if a.Type.Name == "" {
			fail(first.pos, "the type of %s needs a name: `%s : name = ...`", a.Name, a.Name)
		}
	}
	a.Flags = p.flags(a.Type.Flags)
	return a
}

// cTaken are names that generated C uses itself, and C's words.
var cTaken = map[string]bool{}

func init() {
	for _, w := range strings.Fields(`h m p q r d i f n end kr reply_port InHeadP OutHeadP auto break case char const continue
		default do double else enum extern float for goto if inline int long register restrict return short signed sizeof
		static struct switch typedef union unsigned void volatile while`) {
		cTaken[w] = true
	}
}

// flags reads `, option` as long as there are any.
func (p *parser) flags(f Flags) Flags {
	for p.accept(",") {
		t := p.name("an option")
		off := false
		w := strings.ToLower(t.text)
		if strings.HasPrefix(w, "not") {
			off, w = true, w[3:]
		}
		switch w {
		case "dealloc":
			f.Dealloc = !off
			if p.accept("[") {
				p.expect("]")
				f.Dealloc, f.DeallocArg = false, !off
			}
		case "physicalcopy":
			f.PhysicalCopy = !off
		case "overwrite":
			f.Overwrite = !off
		case "servercopy":
			f.ServerCopy = !off
		case "countinout":
			f.CountInOut = !off
		case "samecount", "sametype":
			f.SameCount = !off
		case "const":
			f.Const = !off
		case "retcode":
			f.RetCode = !off
		case "islong", "auto", "constuser", "constserver": // say nothing about the wire
		default:
			fail(t.pos, "%v is not an option", t)
		}
	}
	return f
}

// check finds the request port and holds the routine to the rules.
func (r *Routine) check() {
	for _, a := range r.Args {
		switch a.Dir {
		case RequestPort:
			if r.Port != nil {
				fail(a.Pos, "%s has two request ports", r.Name)
			}
			r.Port = a
		case ReplyPort, SReplyPort, UReplyPort:
			if r.Reply != nil && r.Reply.Dir == a.Dir {
				fail(a.Pos, "%s has two reply ports", r.Name)
			}
			r.Reply = a
		case Out, InOut:
			if r.Simple {
				fail(a.Pos, "a simpleroutine has no %s arguments: nobody waits for them", map[Dir]string{Out: "out", InOut: "inout"}[a.Dir])
			}
		}
	}
	if r.Port == nil && len(r.Args) > 0 && r.Args[0].Dir == In {
		r.Port = r.Args[0]
		r.Port.Dir = RequestPort
	}
	if r.Port == nil {
		fail(r.Pos, "%s needs a request port as its first argument", r.Name)
	}
	var counted *Arg
	for _, a := range r.Args {
		t := a.Type
		switch a.Dir {
		case RequestPort, ReplyPort, SReplyPort, UReplyPort:
			if t.Kind != PortKind {
				fail(a.Pos, "%s must be a port", a.Name)
			}
			continue
		case In, Out, InOut:
		default:
			continue
		}
		if t.Kind == Scalar && t.Bits%8 != 0 {
			fail(a.Pos, "%s must be whole bytes", a.Name)
		}
		if a.Flags.CountInOut && (!a.Returns() || !a.HasCount()) {
			fail(a.Pos, "CountInOut is for an out argument with a count")
		}
		if a.Flags.SameCount {
			if counted == nil || !a.HasCount() || counted.Dir != a.Dir {
				fail(a.Pos, "SameCount needs an array before it, in the same direction")
			}
			a.CountOf = counted
		} else if a.HasCount() {
			counted = a
		}
		if (a.Flags.Dealloc || a.Flags.DeallocArg) && t.Kind != OOL {
			fail(a.Pos, "Dealloc is for what is out of line")
		}
	}
}
