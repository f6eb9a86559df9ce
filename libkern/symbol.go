package libkern

import (
	"sort"

	"puggle/macho"
)

// symKey names a symbol of a link: a global by name, a local by object and
// index.
type symKey struct {
	name  string
	obj   int
	index uint32
}

// global is a definition that all objects of the link share.
type global struct {
	obj      int
	index    uint32
	weak     bool
	private  bool // not exported
	common   uint64
	align    uint32
	absolute bool
	value    uint64 // absolute, or offset in out
	out      int    // section of the plan
	dead     bool   // defined in a section that isn't loaded
}

func (p *Plan) key(obj int, index uint32) symKey {
	s := &p.objects[obj].syms[index]
	if s.External() {
		return symKey{name: s.Name}
	}
	return symKey{obj: obj, index: index}
}

// define builds the namespace.
func (p *Plan) define() error {
	for n, o := range p.objects {
		for i := range o.syms {
			s := &o.syms[i]
			if !s.External() || s.Name == "" || !s.Defined() && !s.Common() {
				continue
			}
			g := p.global(n, uint32(i))
			old := p.globals[s.Name]
			switch {
			case old == nil, old.common != 0 && g.common == 0, old.weak && !g.weak && g.common == 0:
				p.globals[s.Name] = g
			case g.common != 0 && old.common != 0:
				old.common, old.align = max(old.common, g.common), max(old.align, g.align)
			case g.common != 0, g.weak:
			default:
				return &CollisionError{s.Name, old.obj, n}
			}
		}
	}
	return p.commons()
}

func (p *Plan) global(obj int, index uint32) *global {
	o := p.objects[obj]
	s := &o.syms[index]
	g := &global{obj: obj, index: index, weak: s.Desc&macho.NWeakDef != 0 && s.Defined(), private: s.Type&macho.NPext != 0}
	switch {
	case s.Common():
		g.common, g.align = s.Value, min(uint32(s.Desc>>8&0xf), 12)
	case s.Type&macho.NType == macho.NAbs:
		g.absolute, g.value = true, s.Value
	default:
		in := &o.sects[s.Sect-1]
		g.out, g.value = in.out, in.off+s.Value-o.file.Sections[s.Sect-1].Addr
		g.dead = in.out < 0 || p.sections[in.out].group == groupDebug
	}
	return g
}

// commons gives every common a place in a section of its own, in the order of
// names so that the same inputs give the same image.
func (p *Plan) commons() error {
	var names []string
	for name, g := range p.globals {
		if g.common != 0 {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	sort.Strings(names)
	out := len(p.sections)
	s := outSection{group: groupZero, Section: Section{Seg: "__DATA", Name: "__common", Flags: macho.SectZerofill}}
	for i := range p.sections {
		if p.sections[i].Seg == s.Seg && p.sections[i].Name == s.Name {
			out, s = i, p.sections[i]
		}
	}
	for _, name := range names {
		g := p.globals[name]
		if g.common > MaxImage {
			return bad("common %s of %d bytes", clip(name), g.common)
		}
		g.out, g.value = out, align(s.Size, g.align)
		s.Size, s.Align = g.value+g.common, max(s.Align, g.align)
		if s.Size > MaxImage {
			return bad("the image is larger than %d MB", MaxImage>>20)
		}
	}
	if out == len(p.sections) {
		p.sections = append(p.sections, s)
	} else {
		p.sections[out] = s
	}
	return nil
}

// Undefined lists the symbols that the link needs from outside, sorted, and
// which of them are weak references only.
func (p *Plan) Undefined() (names []string, weak map[string]bool) {
	weak = map[string]bool{}
	if p.bundle != nil {
		return p.bundle.undefined()
	}
	for _, o := range p.objects {
		for i := range o.syms {
			s := &o.syms[i]
			if !s.Undefined() || !s.External() || s.Common() || s.Name == "" || p.globals[s.Name] != nil || s.Name == dsoHandle {
				continue
			}
			isWeak := s.Desc&macho.NWeakRef != 0
			if was, seen := weak[s.Name]; seen {
				weak[s.Name] = was && isWeak
				continue
			}
			weak[s.Name] = isWeak
			names = append(names, s.Name)
		}
	}
	sort.Strings(names)
	return names, weak
}

// dsoHandle is what C++ destructors are registered for: the mach header.
const dsoHandle = "___dso_handle"
