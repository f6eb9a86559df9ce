package libkern

import (
	"encoding/binary"

	"puggle/macho"
)

// relocate applies the relocations of one section of one object.
//
// With the content C of the place, its new address P and old address P0, and
// D = S (address of the symbol) for external relocations or D = how far the
// section moves for others, every kind is one of
//
//	absolute          C + D
//	pc-relative       C + D - (P+4) external, C + D - (P-P0) otherwise
//	difference A - B  C + Da - Db
//
// since the assembler leaves in C whatever else belongs there (the 1, 2 and 4
// of SIGNED_1/2/4 included).
func (l *linking) relocate(obj, index int) error {
	o := l.objects[obj]
	in := &o.sects[index]
	src := &o.file.Sections[index]
	out := &l.sections[in.out]
	for i := 0; i < len(in.relocs); i++ {
		r := in.relocs[i]
		size := uint64(1) << r.Length
		if out.data == nil || uint64(r.Addr)+size > src.Size {
			return bad("a relocation at %#x lies outside section %s,%s", r.Addr, src.Seg, src.Name)
		}
		place := out.data[in.off+uint64(r.Addr):][:size]
		pos := l.base + out.Addr + in.off + uint64(r.Addr)
		if err := l.one(obj, in.relocs[i:], place, pos, src.Addr+uint64(r.Addr)); err != nil {
			return bad("%s,%s+%#x: %v", src.Seg, src.Name, r.Addr, unwrap(err))
		}
		if r.Type == macho.X86Subtractor {
			i++
		}
	}
	return nil
}

func (l *linking) one(obj int, rs []macho.Reloc, place []byte, pos, old uint64) error {
	r := rs[0]
	switch r.Type {
	case macho.X86Unsigned:
		d, err := l.delta(obj, r)
		if err != nil {
			return err
		}
		if r.PCRel {
			return bad("a pc-relative UNSIGNED relocation")
		}
		return add(place, d, false)
	case macho.X86Subtractor:
		if len(rs) < 2 || rs[1].Type != macho.X86Unsigned || rs[1].Addr != r.Addr || rs[1].Length != r.Length || r.PCRel || rs[1].PCRel {
			return bad("a SUBTRACTOR relocation without its UNSIGNED")
		}
		b, err := l.delta(obj, r)
		if err != nil {
			return err
		}
		a, err := l.delta(obj, rs[1])
		if err != nil {
			return err
		}
		return add(place, a-b, true)
	case macho.X86Signed, macho.X86Signed1, macho.X86Signed2, macho.X86Signed4, macho.X86Branch, macho.X86Got, macho.X86GotLoad:
	case macho.X86TLV:
		return bad("thread-local variables are not for kernel code")
	default:
		return bad("relocation of type %d is not known", r.Type)
	}
	if !r.PCRel || r.Length != 2 {
		return bad("relocation of type %d with length %d", r.Type, r.Length)
	}
	if r.Type == macho.X86Got || r.Type == macho.X86GotLoad {
		if !r.Extern || int(r.Symbol) >= len(l.objects[obj].syms) {
			return bad("a GOT relocation without a symbol")
		}
		return add(place, l.base+l.gotSlots[l.key(obj, r.Symbol)]-(pos+4), true)
	}
	d, err := l.delta(obj, r)
	if err != nil {
		return err
	}
	if !r.Extern {
		return add(place, d-(pos-old), true)
	}
	content := uint64(int64(int32(binary.LittleEndian.Uint32(place))))
	k := l.key(obj, r.Symbol)
	stub, has := l.stubs[k]
	if has && r.Type == macho.X86Branch && (l.weak[k.name] || !fits(content+d-(pos+4))) {
		d = l.base + stub
	}
	if err := add(place, d-(pos+4), true); err != nil {
		return bad("%s is too far away for a 32-bit reference (compile with -mkernel or -mcmodel=large)", clip(k.name))
	}
	return nil
}

// delta is D of the rule above.
func (l *linking) delta(obj int, r macho.Reloc) (uint64, error) {
	o := l.objects[obj]
	if r.Extern {
		if int(r.Symbol) >= len(o.syms) {
			return 0, bad("symbol %d of %d", r.Symbol, len(o.syms))
		}
		return l.symbol(l.key(obj, r.Symbol))
	}
	if r.Symbol == 0 {
		return 0, nil // absolute: stays
	}
	if int(r.Symbol) > len(o.sects) {
		return 0, bad("section %d of %d", r.Symbol, len(o.sects))
	}
	in := &o.sects[r.Symbol-1]
	if in.out < 0 {
		return 0, bad("it refers to a section that isn't loaded")
	}
	if l.sections[in.out].group == groupDebug {
		return in.off - o.file.Sections[r.Symbol-1].Addr, nil // an offset in its section
	}
	return l.base + l.sections[in.out].Addr + in.off - o.file.Sections[r.Symbol-1].Addr, nil
}

// add adds d to a place of 4 or 8 bytes. A 32-bit sum must fit: as a signed
// number, or for absolute addresses as an unsigned one.
func add(place []byte, d uint64, signed bool) error {
	le := binary.LittleEndian
	switch len(place) {
	case 8:
		le.PutUint64(place, le.Uint64(place)+d)
		return nil
	case 4:
		v := uint64(int64(int32(le.Uint32(place)))) + d
		if !signed {
			v = uint64(le.Uint32(place)) + d
		}
		if signed && !fits(v) || !signed && v > 0xffffffff {
			return bad("%#x doesn't fit 32 bits", v)
		}
		le.PutUint32(place, uint32(v))
		return nil
	}
	return bad("a relocation of %d bytes", len(place))
}

func fits(v uint64) bool { return int64(v) == int64(int32(v)) }

func unwrap(err error) any {
	if e, ok := err.(*LinkError); ok {
		return e.Msg
	}
	return err
}
