package libkern

import (
	"encoding/binary"
	"io/fs"
	"sort"

	"puggle/abi"
	"puggle/dyld"
	"puggle/macho"
)

// bundle is an input that a static linker has been over: its sections stay
// where they are in relation to each other, and either dyld's fix-ups or the
// classic relocations of a kernel extension bind it.
type bundle struct {
	object *dyld.Object
	low    uint64
	syms   []macho.Symbol
}

const maxSegments, maxList = 64, 1 << 20 // bytes of a constructor list

func (p *Plan) planBundle(f *macho.File) error {
	b := &bundle{object: &dyld.Object{Path: "bundle", File: f}, low: ^uint64(0)}
	var high uint64
	for i := range f.Segments {
		s := &f.Segments[i]
		if s.VMSize == 0 || s.Name == "__LINKEDIT" {
			continue
		}
		if s.VMAddr%PageSize != 0 {
			return bad("segment %q is not aligned to pages", s.Name)
		}
		b.low, high = min(b.low, s.VMAddr), max(high, s.VMAddr+s.VMSize)
	}
	if high <= b.low || high-b.low > MaxImage {
		return bad("the bundle has no segments, or is larger than %d MB", MaxImage>>20)
	}
	for i := range f.Segments { // segments that share file bytes must not share room
		for j := range f.Segments[:i] {
			a, z := &f.Segments[i], &f.Segments[j]
			if a.VMAddr < z.VMAddr+z.VMSize && z.VMAddr < a.VMAddr+a.VMSize {
				return bad("segments %q and %q overlap", z.Name, a.Name)
			}
		}
		if i >= maxSegments {
			return bad("more than %d segments", maxSegments)
		}
	}
	var err error
	if b.syms, err = f.Symbols(); err != nil {
		return err
	}
	p.bundle, p.size = b, (high-b.low+PageSize-1)&^(PageSize-1)
	return nil
}

func (b *bundle) undefined() (names []string, weak map[string]bool) {
	weak = map[string]bool{}
	for i := range b.syms {
		s := &b.syms[i]
		if !s.Undefined() || !s.External() || s.Name == "" || s.Name == "dyld_stub_binder" {
			continue
		}
		if _, seen := weak[s.Name]; !seen {
			names = append(names, s.Name)
		}
		weak[s.Name] = s.Desc&macho.NWeakRef != 0
	}
	sort.Strings(names)
	return names, weak
}

// linkBundle loads the bundle at l.base.
func (l *linking) linkBundle() (*Image, error) {
	b := l.bundle
	f := b.object.File
	img := &Image{Base: l.base, Size: l.size, UUID: l.uuid}
	if f.HasUUID {
		img.UUID = f.UUID
	}
	slide := l.base - b.low
	for i := range f.Segments {
		s := &f.Segments[i]
		if s.VMSize == 0 || s.Name == "__LINKEDIT" {
			continue
		}
		data, err := f.Data(macho.Range{Off: s.FileOff, Size: s.FileSize})
		if err != nil {
			return nil, err
		}
		g := Segment{Name: s.Name, Addr: s.VMAddr + slide, Size: (s.VMSize + PageSize - 1) &^ (PageSize - 1), Data: data, Prot: s.InitProt}
		if s.Flags&macho.SegReadOnly != 0 {
			g.Prot = abi.VM_PROT_READ
		}
		for _, x := range s.Sections {
			g.Sections = append(g.Sections, Section{x.Seg, x.Name, x.Addr + slide, x.Size, x.Flags, x.Align})
		}
		img.Segments = append(img.Segments, g)
	}
	sort.Slice(img.Segments, func(i, j int) bool { return img.Segments[i].Addr < img.Segments[j].Addr })
	for i := 1; i < len(img.Segments); i++ {
		if a, z := &img.Segments[i-1], &img.Segments[i]; a.Addr+a.Size > z.Addr {
			return nil, bad("segments %q and %q overlap", a.Name, z.Name)
		}
	}
	var err error
	if f.DyldInfo != nil || f.ChainedFixups != nil {
		err = l.bindFixups(img)
	} else {
		err = l.classic(img, slide)
	}
	if err != nil {
		return nil, err
	}
	if err := l.bundleLists(img); err != nil {
		return nil, err
	}
	var syms []Symbol
	for i := range b.syms {
		if s := &b.syms[i]; s.Defined() && s.Sect != 0 && s.Name != "" {
			syms = append(syms, Symbol{s.Name, s.Value + slide, s.External() && s.Type&macho.NPext == 0, s.Desc&macho.NWeakDef != 0})
		}
	}
	img.finish(syms)
	return img, nil
}

// bindFixups has package dyld bind the bundle. Kernel code has one flat
// namespace, so whatever its libraries are called doesn't matter.
func (l *linking) bindFixups(img *Image) error {
	mem := &imageMemory{img}
	return dyld.BindFlat(l.bundle.object, l.base-l.bundle.low, mem, func(name string) (uint64, bool) {
		addr, ok := l.outside[name]
		return addr, ok
	})
}

// classic applies LC_DYSYMTAB's relocations: addresses count from the lowest
// segment.
func (l *linking) classic(img *Image, slide uint64) error {
	f := l.bundle.object.File
	d := f.Dysymtab
	for _, t := range []struct {
		off, n uint32
		local  bool
	}{{d.LocRelOff, d.LocRelCount, true}, {d.ExtRelOff, d.ExtRelCount, false}} {
		if t.n > limits.Relocs {
			return bad("%d relocations (at most %d)", t.n, limits.Relocs)
		}
		rs, err := f.Relocs(&macho.Section{RelOff: t.off, NReloc: t.n})
		if err != nil {
			return err
		}
		for _, r := range rs {
			size := uint64(1) << r.Length
			place := img.place(l.base+uint64(r.Addr), size)
			if place == nil {
				return bad("a relocation at %#x lies outside the bundle", r.Addr)
			}
			target := slide
			if !t.local {
				if int(r.Symbol) >= len(l.bundle.syms) {
					return bad("symbol %d of %d", r.Symbol, len(l.bundle.syms))
				}
				s := &l.bundle.syms[r.Symbol]
				target = s.Value + slide
				if s.Undefined() {
					target = l.outside[s.Name]
				}
			}
			switch {
			case r.Type == macho.X86Unsigned && !r.PCRel && r.Length == 3:
				err = add(place, target, false)
			case !t.local && r.PCRel && r.Length == 2 && r.Type <= macho.X86Branch:
				err = add(place, target-(l.base+uint64(r.Addr)+4), true)
			default:
				err = bad("relocation of type %d and length %d in a bundle", r.Type, r.Length)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *linking) bundleLists(img *Image) error {
	for i := range img.Segments {
		for _, x := range img.Segments[i].Sections {
			s := macho.Section{Name: x.Name, Flags: x.Flags}
			switch {
			case x.Size > maxList && (s.Type() == macho.SectInitFuncOffsets || isInit(&s) || isFini(&s)):
				return bad("section %s,%s of %d bytes", x.Seg, x.Name, x.Size)
			case s.Type() == macho.SectInitFuncOffsets:
				for b := img.Bytes(x.Addr, x.Size); len(b) >= 4; b = b[4:] {
					img.Init = append(img.Init, l.base+uint64(binary.LittleEndian.Uint32(b)))
				}
			case isInit(&s), isFini(&s):
				for b := img.Bytes(x.Addr, x.Size); len(b) >= 8; b = b[8:] {
					if isInit(&s) {
						img.Init = append(img.Init, binary.LittleEndian.Uint64(b))
					} else {
						img.Fini = append(img.Fini, binary.LittleEndian.Uint64(b))
					}
				}
			}
		}
	}
	for _, list := range [][]uint64{img.Init, img.Fini} {
		for _, addr := range list {
			if addr-img.Base >= img.Size {
				return bad("a constructor list has %#x, which is not in the bundle", addr)
			}
		}
	}
	return nil
}

// place is n bytes of file-backed memory; nil if they are not there.
func (img *Image) place(addr, n uint64) []byte {
	for i := range img.Segments {
		g := &img.Segments[i]
		if off := addr - g.Addr; off < uint64(len(g.Data)) && n <= uint64(len(g.Data))-off {
			return g.Data[off : off+n]
		}
	}
	return nil
}

// imageMemory lets package dyld write into an image's bytes.
type imageMemory struct{ img *Image }

func (m *imageMemory) Read(addr uint64, b []byte) error {
	for i := range m.img.Segments {
		g := &m.img.Segments[i]
		if off := addr - g.Addr; off < g.Size && uint64(len(b)) <= g.Size-off {
			clear(b)
			if off < uint64(len(g.Data)) {
				copy(b, g.Data[off:])
			}
			return nil
		}
	}
	return fs.ErrNotExist
}

func (m *imageMemory) Write(addr uint64, b []byte) error {
	for i := range m.img.Segments {
		g := &m.img.Segments[i]
		if off := addr - g.Addr; off < g.Size && uint64(len(b)) <= g.Size-off {
			if off < uint64(len(g.Data)) {
				copy(g.Data[off:], b) // what lies behind can't have been fixed up
			}
			return nil
		}
	}
	return fs.ErrNotExist
}
