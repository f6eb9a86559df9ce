package macho

import (
	"bytes"
	"encoding/binary"
)

// Symtab is LC_SYMTAB.
type Symtab struct {
	Off, Count uint32
	Strings    Range
	isSet      bool
}

// Dysymtab is the part of LC_DYSYMTAB that a loader or linker uses.
type Dysymtab struct {
	LocalFirst, LocalCount   uint32
	ExtDefFirst, ExtDefCount uint32
	UndefFirst, UndefCount   uint32
	IndirectOff, IndirectCnt uint32
	ExtRelOff, ExtRelCount   uint32
	LocRelOff, LocRelCount   uint32
}

// Symbol is one nlist_64.
type Symbol struct {
	Name  string
	Type  uint8
	Sect  uint8 // 1-based index of File.Sections, 0 for none
	Desc  uint16
	Value uint64
}

// Stab reports whether s is an entry for debuggers.
func (s *Symbol) Stab() bool { return s.Type&NStab != 0 }

// External reports whether s is seen by other images.
func (s *Symbol) External() bool { return s.Type&NExt != 0 && !s.Stab() }

// Defined reports whether s has an address.
func (s *Symbol) Defined() bool {
	k := s.Type & NType
	return !s.Stab() && (k == NSect || k == NAbs)
}

// Undefined reports whether s must be found elsewhere. An external undefined
// symbol with a value is a common of that size.
func (s *Symbol) Undefined() bool { return !s.Stab() && s.Type&NType == NUndf }

// Common reports whether s is a common: undefined, external, with a size.
func (s *Symbol) Common() bool { return s.Undefined() && s.External() && s.Value != 0 }

// Ordinal is the two-level library ordinal of an undefined symbol.
func (s *Symbol) Ordinal() int { return int(s.Desc >> 8) }

const nlistSize = 16

func parseSymtab(c *command) {
	f := c.f
	if f.Symtab.isSet {
		c.fail("there are two of them")
		return
	}
	off, n := c.u32(8), c.u32(12)
	if n > f.lim.Symbols {
		c.fail("%d symbols (at most %d are supported)", n, f.lim.Symbols)
		return
	}
	if n != 0 && !inside(uint64(off), nlistSize*uint64(n), uint64(f.Size)) {
		c.fail("the symbols lie outside the file")
		return
	}
	f.Symtab = Symtab{Off: off, Count: n, Strings: c.rang(16), isSet: true}
}

func parseDysymtab(c *command) {
	d := Dysymtab{
		c.u32(8), c.u32(12), c.u32(16), c.u32(20), c.u32(24), c.u32(28),
		c.u32(56), c.u32(60), c.u32(64), c.u32(68), c.u32(72), c.u32(76),
	}
	size := uint64(c.f.Size)
	if d.IndirectCnt != 0 && !inside(uint64(d.IndirectOff), 4*uint64(d.IndirectCnt), size) ||
		d.ExtRelCount != 0 && !inside(uint64(d.ExtRelOff), 8*uint64(d.ExtRelCount), size) ||
		d.LocRelCount != 0 && !inside(uint64(d.LocRelOff), 8*uint64(d.LocRelCount), size) {
		c.fail("a table lies outside the file")
		return
	}
	c.f.Dysymtab = d
}

// Symbols reads the symbol table. Names that lie outside the string table
// are an error, as is a section number that doesn't exist.
func (f *File) Symbols() ([]Symbol, error) {
	return f.symbols(0, f.Symtab.Count)
}

// DefinedSymbols reads the external defined symbols only, where LC_DYSYMTAB
// says that they are (all symbols if it doesn't).
func (f *File) DefinedSymbols() ([]Symbol, error) {
	d := f.Dysymtab
	if d.ExtDefCount == 0 || !inside(uint64(d.ExtDefFirst), uint64(d.ExtDefCount), uint64(f.Symtab.Count)) {
		return f.Symbols()
	}
	return f.symbols(d.ExtDefFirst, d.ExtDefCount)
}

func (f *File) symbols(first, n uint32) ([]Symbol, error) {
	t := f.Symtab
	if n == 0 {
		return nil, nil
	}
	strs, err := f.Data(t.Strings)
	if err != nil {
		return nil, err
	}
	tab, err := f.Data(Range{uint64(t.Off) + nlistSize*uint64(first), nlistSize * uint64(n)})
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	out := make([]Symbol, n)
	// Names may overlap: without a bound, n names of a whole string table
	// each would cost n times its size. Real names share no more than tails.
	budget := 2*len(strs) + 64*int(n)
	for i := range out {
		b := tab[i*nlistSize:]
		s := Symbol{Type: b[4], Sect: b[5], Desc: le.Uint16(b[6:]), Value: le.Uint64(b[8:])}
		off := int64(t.Off) + nlistSize*(int64(first)+int64(i))
		if x := le.Uint32(b); x != 0 {
			if uint64(x) >= uint64(len(strs)) {
				return nil, bad(off, "symbol %d has its name outside the string table", i)
			}
			name := strs[x:]
			if j := bytes.IndexByte(name, 0); j >= 0 {
				name = name[:j]
			}
			if budget -= len(name); budget < 0 {
				return nil, bad(off, "symbol names overlap too much")
			}
			s.Name = string(name)
		}
		if !s.Stab() && int(s.Sect) > len(f.Sections) || s.Type&NType == NSect && !s.Stab() && s.Sect == 0 {
			return nil, bad(off, "symbol %q is in section %d of %d", s.Name, s.Sect, len(f.Sections))
		}
		out[i] = s
	}
	return out, nil
}

// Reloc is a relocation_info.
type Reloc struct {
	Addr   uint32 // offset in the section
	Symbol uint32 // index in the symbol table if Extern, else 1-based section (0 absolute)
	PCRel  bool
	Length uint8 // log2 of the size in bytes
	Extern bool
	Type   uint8
}

// Relocs reads the relocations of a section, in the file's order. Scattered
// relocations are refused: 64-bit processors have none.
func (f *File) Relocs(s *Section) ([]Reloc, error) {
	return f.RelocsAt(s.RelOff, s.NReloc)
}

// RelocsAt reads n relocations, as Relocs; of LC_DYSYMTAB they are those of the whole image.
func (f *File) RelocsAt(off, n uint32) ([]Reloc, error) {
	if n == 0 {
		return nil, nil
	}
	if n > f.lim.Relocs {
		return nil, bad(int64(off), "%d relocations (at most %d are supported)", n, f.lim.Relocs)
	}
	b, err := f.Data(Range{uint64(off), 8 * uint64(n)})
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	out := make([]Reloc, n)
	for i := range out {
		addr, info := le.Uint32(b[8*i:]), le.Uint32(b[8*i+4:])
		if addr&0x80000000 != 0 {
			return nil, bad(int64(off)+8*int64(i), "scattered relocation")
		}
		out[i] = Reloc{addr, info & 0xffffff, info>>24&1 != 0, uint8(info >> 25 & 3), info>>27&1 != 0, uint8(info >> 28)}
	}
	return out, nil
}
