package libkern

import (
	"sort"

	"puggle/abi"
	"puggle/macho"
)

// writer describes the image as a Mach-O file.
func (img *Image) writer() *macho.Writer {
	w := &macho.Writer{CPU: macho.CPUX86_64, SubType: 3, Type: macho.KextBundle, Flags: macho.FlagNoUndefs,
		UUID: &img.UUID, FileAlign: PageSize, Headroom: true}
	for i := range img.Segments {
		g := &img.Segments[i]
		data := g.Data
		if data == nil {
			data = []byte{}
		}
		s := macho.WSegment{Name: g.Name, VMAddr: g.Addr, VMSize: g.Size, InitProt: g.Prot, MaxProt: abi.VM_PROT_ALL, Data: data}
		for _, x := range g.Sections {
			s.Sections = append(s.Sections, macho.WSection{Section: macho.Section{Name: x.Name, Seg: x.Seg, Addr: x.Addr, Size: x.Size,
				Align: x.Align, Flags: x.Flags}})
		}
		w.Segments = append(w.Segments, s)
	}
	if len(img.debug) > 0 {
		s := macho.WSegment{Name: "__DWARF", VMAddr: img.Base + img.Size, Data: []byte{}}
		for i := range img.debug {
			x := &img.debug[i]
			at := s.VMAddr + uint64(len(s.Data))
			s.Sections = append(s.Sections, macho.WSection{Section: macho.Section{Name: x.Name, Seg: x.Seg, Addr: at, Size: x.Size, Flags: x.Flags}})
			s.Data = append(s.Data, x.data...)
		}
		s.VMSize = uint64(len(s.Data)+PageSize-1) &^ (PageSize - 1)
		w.Segments = append(w.Segments, s)
	}
	return w
}

// putHeader writes the mach header at the image's base, as code that looks
// for ___dso_handle or its own sections expects it. The symbol table is in the
// symbol file only.
func (img *Image) putHeader() error {
	if len(img.Segments) == 0 || img.Segments[0].Name != "__TEXT" {
		return nil
	}
	g := &img.Segments[0]
	w := img.writer()
	n := 0
	for i := range w.Segments {
		n += len(w.Segments[i].Sections)
	}
	space := macho.CommandSpace(len(w.Segments), n)
	if space > g.Size {
		return bad("no room for the mach header")
	}
	if uint64(len(g.Data)) < space {
		g.Data = append(g.Data, make([]byte, space-uint64(len(g.Data)))...)
	}
	w.Segments[0].Data = g.Data
	copy(g.Data, w.Bytes()[:space])
	return nil
}

// SymbolFile is the image as a file for debuggers: linked, with all symbols
// and, if it was made of one object with debugging information, that too.
// (kextload -s writes it.)
func (img *Image) SymbolFile() []byte {
	w := img.writer()
	at := numbered(w)
	for _, external := range []bool{false, true} {
		for i := range img.Symbols {
			s := &img.Symbols[i]
			if s.Exported != external {
				continue
			}
			m := macho.Symbol{Name: s.Name, Type: macho.NAbs, Value: s.Addr}
			if n := sectionAt(at, s.Addr); n != 0 {
				m.Type, m.Sect = macho.NSect, n
			}
			if external {
				m.Type |= macho.NExt
			}
			if s.Weak {
				m.Desc |= macho.NWeakDef
			}
			w.Symbols = append(w.Symbols, m)
		}
	}
	return w.Bytes()
}

// sectionNumber is where a section that symbols can be in stands.
type sectionNumber struct {
	addr, size uint64
	number     uint8
}

// numbered lists the first 255 sections by address.
func numbered(w *macho.Writer) (l []sectionNumber) {
	n := 0
	for j := range w.Segments {
		for k := range w.Segments[j].Sections {
			x := &w.Segments[j].Sections[k]
			if n++; n < 256 && x.Seg != "__DWARF" && x.Size > 0 {
				l = append(l, sectionNumber{x.Addr, x.Size, uint8(n)})
			}
		}
	}
	sort.SliceStable(l, func(i, j int) bool { return l[i].addr < l[j].addr })
	return l
}

// sectionAt is the number of the section that addr lies in, 0 for none.
func sectionAt(l []sectionNumber, addr uint64) uint8 {
	i := sort.Search(len(l), func(i int) bool { return l[i].addr > addr }) - 1
	if i < 0 || addr-l[i].addr >= l[i].size {
		return 0
	}
	return l[i].number
}
