package dyld

import (
	"encoding/binary"
	"slices"

	"puggle/macho"
)

// Images without fix-ups of their own, as linkers made them before LC_DYLD_INFO and Go's still
// makes programs that are not position independent: pointers to symbols are whole sections,
// with symbols' numbers in the indirect symbol table, and other places have relocations
// (<mach-o/loader.h>, struct dysymtab_command; <mach-o/reloc.h>).

// Entries of the indirect symbol table that name no symbol, INDIRECT_SYMBOL_*.
const (
	indirectLocal = 0x80000000
	indirectAbs   = 0x40000000
)

// Ordinals of libraries as symbols have them, that are special.
var classicOrdinals = map[int]int{0: ordinalSelf, 0xfe: ordinalFlat, 0xff: ordinalMain}

// classic collects the fix-ups of one image.
type classic struct {
	p    *Process
	img  *Image
	syms []macho.Symbol
	// What symbols have resolved to, by number.
	known map[uint32]uint64
	out   []fixup
}

// bindClassic applies the relocations and fills the pointers of an image, lazy ones too.
func (p *Process) bindClassic(img *Image, mem Memory) error {
	c := classic{p: p, img: img, known: map[uint32]uint64{}}
	d := img.File.Dysymtab
	if d.IndirectCnt == 0 && d.ExtRelCount == 0 && (d.LocRelCount == 0 || img.Slide == 0) {
		return nil
	}
	var err error
	if c.syms, err = img.File.Symbols(); err != nil {
		return err
	}
	for _, step := range []func() error{c.local, c.pointers, c.external} {
		if err := step(); err != nil {
			return err
		}
	}
	return img.applyBinds(mem, c.out)
}

// put notes a fix-up, of a place that may have one.
func (c *classic) put(addr, value uint64, add bool) error {
	if len(c.out) >= c.img.fixupLimit() {
		return badImage("more than %d fix-ups", c.img.fixupLimit())
	}
	s := c.img.segmentAt(addr, pointerSize)
	if s == nil {
		return badImage("fix-up at %#x, which is in no segment", addr)
	}
	if err := s.fixable(addr - s.Addr); err != nil {
		return err
	}
	c.out = append(c.out, fixup{addr, value, add})
	return nil
}

// symbol is where symbol number n is.
func (c *classic) symbol(n uint32) (uint64, error) {
	if v, ok := c.known[n]; ok {
		return v, nil
	}
	if n >= uint32(len(c.syms)) {
		return 0, badImage("symbol %d of %d", n, len(c.syms))
	}
	s := &c.syms[n]
	var v uint64
	switch {
	case s.Stab():
		return 0, badImage("symbol %d is a debugger's", n)
	case s.Defined() && s.Desc&macho.NWeakDef != 0 && s.External():
		addr, found, err := c.p.resolve(c.img, reference{name: s.Name}, true)
		if err != nil {
			return 0, err
		}
		if v = addr; !found {
			v = s.Value + c.img.Slide
		}
	case s.Defined():
		if v = s.Value; s.Type&macho.NType == macho.NSect {
			v += c.img.Slide
		}
	default:
		ref := reference{ordinal: s.Ordinal(), name: s.Name, weak: s.Desc&macho.NWeakRef != 0}
		if o, ok := classicOrdinals[ref.ordinal]; ok {
			ref.ordinal = o
		}
		if c.img.File.Flags&macho.FlagTwoLevel == 0 {
			ref.ordinal = ordinalFlat
		}
		addr, _, err := c.p.resolve(c.img, ref, false)
		if err != nil {
			return 0, err
		}
		v = addr
	}
	c.known[n] = v
	return v, nil
}

// pointers fills the sections of pointers to symbols.
func (c *classic) pointers() error {
	d := c.img.File.Dysymtab
	if d.IndirectCnt == 0 {
		return nil
	}
	tab, err := c.img.Object.data(macho.Range{Off: uint64(d.IndirectOff), Size: 4 * uint64(d.IndirectCnt)})
	if err != nil {
		return err
	}
	for i := range c.img.File.Sections {
		s := &c.img.File.Sections[i]
		if t := s.Type(); t != macho.SectNonLazyPointers && t != macho.SectLazyPointers {
			continue
		}
		n := s.Size / pointerSize
		if uint64(s.Reserved1) > uint64(d.IndirectCnt) || n > uint64(d.IndirectCnt-s.Reserved1) {
			return badImage("section %s,%s has %d pointers, which are not all in the indirect symbol table", s.Seg, s.Name, n)
		}
		for k := range n {
			sym, addr := binary.LittleEndian.Uint32(tab[4*(uint64(s.Reserved1)+k):]), s.Addr+k*pointerSize
			switch {
			case sym&indirectAbs != 0:
			case sym&indirectLocal != 0:
				if c.img.Slide != 0 {
					err = c.put(addr, c.img.Slide, true)
				}
			default:
				var v uint64
				if v, err = c.symbol(sym); err == nil {
					err = c.put(addr, v, false)
				}
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// relocations calls do for each of a table. Their addresses count from the first segment that may be
// written.
func (c *classic) relocations(off, n uint32, do func(addr uint64, r macho.Reloc) error) error {
	if n == 0 {
		return nil
	}
	l, err := c.img.File.RelocsAt(off, n)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.img.Segments, func(s Segment) bool { return s.InitProt&2 != 0 })
	if i < 0 {
		return badImage("relocations, and no segment that may be written")
	}
	for _, r := range l {
		if r.Type != macho.X86Unsigned || r.Length != 3 || r.PCRel {
			return badImage("relocation of type %d and size %d at %#x is not for linked images", r.Type, 1<<r.Length, r.Addr)
		}
		if err := do(c.img.Segments[i].Addr+uint64(r.Addr), r); err != nil {
			return err
		}
	}
	return nil
}

// local slides what points into the image.
func (c *classic) local() error {
	d := c.img.File.Dysymtab
	if c.img.Slide == 0 {
		return nil
	}
	return c.relocations(d.LocRelOff, d.LocRelCount, func(addr uint64, r macho.Reloc) error {
		return c.put(addr, c.img.Slide, true)
	})
}

// external adds symbols to what is at their places.
func (c *classic) external() error {
	d := c.img.File.Dysymtab
	return c.relocations(d.ExtRelOff, d.ExtRelCount, func(addr uint64, r macho.Reloc) error {
		if !r.Extern {
			return badImage("relocation at %#x names no symbol", addr)
		}
		v, err := c.symbol(r.Symbol)
		if err != nil {
			return err
		}
		return c.put(addr, v, true)
	})
}
