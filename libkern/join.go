package libkern

import (
	"encoding/binary"

	"puggle/macho"
)

// ExtraSection is a section that Join adds, with a segment's name of its own
// (kl_ld's __LOADCMD and __UNLOADCMD, say).
type ExtraSection struct {
	Seg, Name string
	Data      []byte
}

// Join makes one relocatable object of several, as ld -r does: sections of one
// name are put together, symbols keep their kinds, private externs
// included, and every relocation is kept. Debugging sections are left out unless
// there is one object. Errors: as NewPlan.
func Join(objs [][]byte, extra []ExtraSection) ([]byte, error) {
	p, err := NewPlan(objs)
	if err != nil {
		return nil, err
	}
	if p.bundle != nil {
		return nil, bad("a bundle can't be joined")
	}
	j := &joining{Plan: p, index: map[symKey]uint32{}}
	j.drop()
	j.place()
	j.symbols()
	if err := j.relocate(); err != nil {
		return nil, err
	}
	return j.bytes(extra), nil
}

type joining struct {
	*Plan
	relocs [][]macho.Reloc // by section
	syms   []macho.Symbol
	index  map[symKey]uint32
}

// drop takes out what only a final link has: the GOT, the stubs and the
// section of commons, if no input had one.
func (j *joining) drop() {
	var used int
	for _, o := range j.objects {
		for i := range o.sects {
			used = max(used, o.sects[i].out+1)
		}
	}
	j.sections = j.sections[:used]
}

// place gives the sections addresses one after another, as in any object;
// zero-fill must come last, and so must its numbers: order maps them.
func (j *joining) place() {
	at := uint64(0)
	for _, zero := range []bool{false, true} {
		for i := range j.sections {
			s := &j.sections[i]
			if (s.group == groupZero) != zero {
				continue
			}
			if zero { // what commons added is not the section's own
				s.Size = j.sizeOf(i)
			}
			at = align(at, s.Align)
			s.Addr = at
			at += s.Size
		}
	}
	j.size = at
	j.relocs = make([][]macho.Reloc, len(j.sections))
}

func (j *joining) sizeOf(out int) (size uint64) {
	for _, o := range j.objects {
		for i := range o.sects {
			if o.sects[i].out == out {
				size = max(size, o.sects[i].off+o.file.Sections[i].Size)
			}
		}
	}
	return size
}

// symbols lists locals, then definitions and commons, then undefined ones,
// each name of the last two once.
func (j *joining) symbols() {
	add := func(k symKey, s macho.Symbol) {
		if _, ok := j.index[k]; !ok {
			j.index[k] = uint32(len(j.syms))
			j.syms = append(j.syms, s)
		}
	}
	each := func(fn func(n int, i uint32, s macho.Symbol)) {
		for n, o := range j.objects {
			for i := range o.syms {
				if !o.syms[i].Stab() {
					fn(n, uint32(i), o.syms[i])
				}
			}
		}
	}
	each(func(n int, i uint32, s macho.Symbol) {
		if !s.External() {
			add(j.key(n, i), j.moved(n, s))
		}
	})
	each(func(n int, i uint32, s macho.Symbol) {
		g := j.globals[s.Name]
		if !s.External() || g == nil || g.obj != n || g.index != i {
			return
		}
		if g.common != 0 {
			return // with the undefined ones, below
		}
		add(j.key(n, i), j.moved(n, s))
	})
	each(func(n int, i uint32, s macho.Symbol) {
		if !s.External() {
			return
		}
		if g := j.globals[s.Name]; g != nil && g.common != 0 {
			s.Type, s.Sect, s.Value = s.Type&^macho.NType, 0, g.common
			s.Desc = s.Desc&^0xf00 | uint16(g.align)<<8
		}
		add(j.key(n, i), s)
	})
}

// moved is a symbol with its new section and address.
func (j *joining) moved(n int, s macho.Symbol) macho.Symbol {
	if s.Type&macho.NType != macho.NSect {
		return s
	}
	o := j.objects[n]
	in := &o.sects[s.Sect-1]
	if in.out < 0 {
		// In a section that is left out: it keeps its name, and no address.
		s.Type, s.Sect, s.Value = s.Type&^macho.NType|macho.NAbs, 0, 0
		return s
	}
	s.Value += j.sections[in.out].Addr + in.off - o.file.Sections[s.Sect-1].Addr
	s.Sect = uint8(in.out + 1)
	return s
}

// relocate moves the relocations. External ones name their symbol by its new
// number; others have the target's address in the place, which moves with its
// section (and, pc-relative, against the place's own move).
func (j *joining) relocate() error {
	if len(j.sections) > 255 {
		return bad("more than 255 sections")
	}
	for n, o := range j.objects {
		for i := range o.sects {
			in := &o.sects[i]
			if in.out < 0 {
				continue
			}
			src, out := &o.file.Sections[i], &j.sections[in.out]
			for _, r := range in.relocs {
				size := uint64(1) << r.Length
				if out.data == nil || uint64(r.Addr)+size > src.Size {
					return bad("a relocation at %#x lies outside section %s,%s", r.Addr, src.Seg, src.Name)
				}
				place := out.data[in.off+uint64(r.Addr):][:size]
				moved := out.Addr + in.off - src.Addr
				r.Addr += uint32(in.off)
				switch {
				case r.Extern:
					if int(r.Symbol) >= len(o.syms) || o.syms[r.Symbol].Stab() {
						return bad("symbol %d of %d", r.Symbol, len(o.syms))
					}
					r.Symbol = j.index[j.key(n, r.Symbol)]
				case r.Symbol == 0:
				case int(r.Symbol) > len(o.sects) || o.sects[r.Symbol-1].out < 0:
					return bad("a relocation in %s,%s refers to section %d, which isn't kept", src.Seg, src.Name, r.Symbol)
				default:
					to := &o.sects[r.Symbol-1]
					d := j.sections[to.out].Addr + to.off - o.file.Sections[r.Symbol-1].Addr
					if r.PCRel {
						d -= moved
					}
					if r.Type == macho.X86Subtractor {
						d = -d
					}
					if err := add(place, d, r.PCRel || r.Type == macho.X86Subtractor || size == 8); err != nil {
						return bad("%s,%s+%#x: %v", src.Seg, src.Name, r.Addr, unwrap(err))
					}
					r.Symbol = uint32(to.out + 1)
				}
				j.relocs[in.out] = append(j.relocs[in.out], r)
			}
		}
	}
	return nil
}

// bytes writes the object.
func (j *joining) bytes(extra []ExtraSection) []byte {
	seg := macho.WSegment{VMSize: j.size, MaxProt: 7, InitProt: 7}
	for i := range j.sections {
		s := &j.sections[i]
		seg.Sections = append(seg.Sections, macho.WSection{Data: s.data, Relocs: j.relocs[i], Section: macho.Section{
			Name: s.Name, Seg: s.Seg, Addr: s.Addr, Size: s.Size, Align: s.Align, Flags: s.Flags}})
	}
	for _, x := range extra {
		at := align(seg.VMSize, 3)
		seg.Sections = append(seg.Sections, macho.WSection{Data: x.Data, Section: macho.Section{
			Name: x.Name, Seg: x.Seg, Addr: at, Size: uint64(len(x.Data)), Align: 3}})
		seg.VMSize = at + uint64(len(x.Data))
	}
	w := &macho.Writer{CPU: macho.CPUX86_64, SubType: 3, Type: macho.Object, Segments: []macho.WSegment{seg}, Symbols: j.syms}
	// As the compiler's own objects have it, if any of them does.
	for _, o := range j.objects {
		if v := o.file.Build; len(v) > 0 {
			c := binary.LittleEndian.AppendUint32(nil, uint32(macho.LcBuildVersion))
			for _, x := range []uint32{24, v[0].Platform, v[0].MinOS, v[0].SDK, 0} {
				c = binary.LittleEndian.AppendUint32(c, x)
			}
			w.Commands = append(w.Commands, c)
			break
		}
	}
	return w.Bytes()
}
