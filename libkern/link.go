package libkern

import (
	"encoding/binary"

	"puggle/macho"
)

// linking is a Plan at an address.
type linking struct {
	*Plan
	base    uint64
	outside map[string]uint64
	weak    map[string]bool // weak references that nobody defines
}

// Link places the plan at base (a multiple of PageSize) and binds it. A Plan
// may be linked once. Errors: *UndefinedError; *LinkError for relocations that
// can't be done.
func (p *Plan) Link(base uint64, resolve Resolver) (*Image, error) {
	if base%PageSize != 0 || base+p.size < base {
		return nil, bad("the image can't be at %#x", base)
	}
	l := &linking{Plan: p, base: base, outside: map[string]uint64{}, weak: map[string]bool{}}
	names, weak := p.Undefined()
	var missing []string
	for _, name := range names {
		if addr, ok := resolve(name); ok {
			l.outside[name] = addr
		} else if weak[name] {
			l.outside[name], l.weak[name] = 0, true
		} else {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return nil, &UndefinedError{missing}
	}
	if p.bundle != nil {
		return l.linkBundle()
	}
	if err := l.fillSlots(); err != nil {
		return nil, err
	}
	for n, o := range p.objects {
		for i := range o.sects {
			if o.sects[i].out < 0 || len(o.sects[i].relocs) == 0 {
				continue
			}
			if err := l.relocate(n, i); err != nil {
				return nil, err
			}
		}
	}
	return l.image()
}

// fillSlots writes the GOT, and the stubs that jump through it.
func (l *linking) fillSlots() error {
	for k, off := range l.gotSlots {
		addr, err := l.symbol(k)
		if err != nil {
			return err
		}
		got := &l.sections[l.sectionNamed(gotName)]
		binary.LittleEndian.PutUint64(got.data[off-got.Addr:], addr)
	}
	for k, off := range l.stubs {
		s := &l.sections[l.sectionNamed(stubName)]
		b := s.data[off-s.Addr:]
		copy(b, []byte{0xff, 0x25, 0, 0, 0, 0, 0xcc, 0xcc}) // jmp *disp(%rip)
		binary.LittleEndian.PutUint32(b[2:], uint32(l.gotSlots[k]-(off+6)))
	}
	return nil
}

// symbol is the address of a symbol.
func (l *linking) symbol(k symKey) (uint64, error) {
	if k.name != "" {
		if g := l.globals[k.name]; g != nil {
			switch {
			case g.absolute:
				return g.value, nil
			case g.dead:
				return 0, bad("symbol %s is in a section that isn't loaded", clip(k.name))
			}
			return l.base + l.sections[g.out].Addr + g.value, nil
		}
		if k.name == dsoHandle {
			return l.base, nil
		}
		addr, ok := l.outside[k.name]
		if !ok {
			return 0, bad("symbol %s is not defined", clip(k.name))
		}
		return addr, nil
	}
	o := l.objects[k.obj]
	s := &o.syms[k.index]
	switch {
	case s.Stab():
		return 0, bad("a relocation refers to a debugging symbol")
	case s.Type&macho.NType == macho.NAbs:
		return s.Value, nil
	case s.Type&macho.NType != macho.NSect:
		return 0, bad("local symbol %q is not defined", clip(s.Name))
	}
	in := &o.sects[s.Sect-1]
	if in.out < 0 || l.sections[in.out].group == groupDebug {
		return 0, bad("symbol %q is in a section that isn't loaded", clip(s.Name))
	}
	return l.base + l.sections[in.out].Addr + in.off + s.Value - o.file.Sections[s.Sect-1].Addr, nil
}

// image makes the segments' bytes and the lists.
func (l *linking) image() (*Image, error) {
	img := &Image{Base: l.base, Size: l.size, UUID: l.uuid}
	for i := range l.segs {
		g := l.segs[i]
		if g.Size == 0 {
			continue
		}
		for j := range l.sections {
			s := &l.sections[j]
			if s.group == groupDebug || min(s.group, 2) != i {
				continue
			}
			sec := s.Section
			sec.Addr += l.base
			g.Sections = append(g.Sections, sec)
			if s.data == nil {
				continue
			}
			end := s.Addr - g.Addr + s.Size
			if uint64(len(g.Data)) < end {
				g.Data = append(g.Data, make([]byte, end-uint64(len(g.Data)))...)
			}
			copy(g.Data[s.Addr-g.Addr:], s.data)
		}
		g.Addr += l.base
		img.Segments = append(img.Segments, g)
	}
	for i := range l.sections {
		if l.sections[i].group == groupDebug {
			img.debug = append(img.debug, l.sections[i])
		}
	}
	if err := l.lists(img); err != nil {
		return nil, err
	}
	img.finish(l.symbols())
	return img, img.putHeader()
}

// lists reads the constructor and destructor lists.
func (l *linking) lists(img *Image) error {
	for i := range l.sections {
		s := &l.sections[i]
		as := macho.Section{Name: s.Name, Flags: s.Flags}
		ini, fini := isInit(&as), isFini(&as)
		if !ini && !fini || s.group != groupConst {
			continue
		}
		for b := s.data; len(b) >= 8; b = b[8:] {
			addr := binary.LittleEndian.Uint64(b)
			if addr-l.base >= l.segs[0].Size {
				return bad("section %s,%s lists %#x, which is not code of the image", s.Seg, s.Name, addr)
			}
			if ini {
				img.Init = append(img.Init, addr)
			} else {
				img.Fini = append(img.Fini, addr)
			}
		}
	}
	return nil
}

// symbols lists all definitions.
func (l *linking) symbols() []Symbol {
	var out []Symbol
	for n, o := range l.objects {
		for i := range o.syms {
			s := &o.syms[i]
			if !s.Defined() && !s.Common() || s.Name == "" {
				continue
			}
			if s.External() {
				g := l.globals[s.Name]
				if g == nil || g.obj != n || g.index != uint32(i) {
					continue // another object's definition won
				}
			}
			addr, err := l.symbol(l.key(n, uint32(i)))
			if err != nil {
				continue // in a section that isn't loaded
			}
			out = append(out, Symbol{s.Name, addr, s.External() && s.Type&macho.NPext == 0, s.Desc&macho.NWeakDef != 0})
		}
	}
	return out
}
