package libkern

import (
	"crypto/sha256"

	"puggle/abi"
	"puggle/macho"
)

// Resolver finds a symbol outside of the image: in the KPI, or among the
// exports of declared dependencies. name has its underscore.
type Resolver func(name string) (addr uint64, ok bool)

// Plan is what is to be linked, laid out from address 0.
type Plan struct {
	objects  []*object
	sections []outSection
	segs     [3]Segment // __TEXT, __DATA_CONST, __DATA at offsets from the base
	size     uint64
	uuid     [16]byte
	globals  map[string]*global
	gotSlots map[symKey]uint64 // offsets from the base
	stubs    map[symKey]uint64
	bundle   *bundle // instead of all that, for a bundle
}

// outSection is a section of the image, made of pieces of the inputs.
type outSection struct {
	Section // Addr is an offset from the base
	group   int
	data    []byte // nil for zero-fill
}

const stubSize = 8 // jmp *disp(%rip) and two bytes of filling

// Link links objects at a base address: Plan and Plan.Link in one.
func Link(objs [][]byte, base uint64, resolve Resolver) (*Image, error) {
	p, err := NewPlan(objs)
	if err != nil {
		return nil, err
	}
	return p.Link(base, resolve)
}

// NewPlan reads the objects. Errors: *macho.FormatError, *macho.CPUError,
// *LinkError, *CollisionError.
func NewPlan(objs [][]byte) (*Plan, error) {
	if len(objs) == 0 {
		return nil, bad("nothing to link")
	}
	p := &Plan{globals: map[string]*global{}, gotSlots: map[symKey]uint64{}, stubs: map[symKey]uint64{}}
	h := sha256.New()
	for _, b := range objs {
		h.Write(b)
		f, err := open(b)
		if err != nil {
			return nil, err
		}
		if f.Type == macho.Bundle || f.Type == macho.KextBundle {
			if len(objs) != 1 {
				return nil, bad("a bundle can't be linked with other objects")
			}
			p.uuid = [16]byte(h.Sum(nil))
			return p, p.planBundle(f)
		}
		o, err := readObject(f)
		if err != nil {
			return nil, err
		}
		p.objects = append(p.objects, o)
	}
	p.uuid = [16]byte(h.Sum(nil))
	p.uuid[6], p.uuid[8] = p.uuid[6]&0x0f|0x50, p.uuid[8]&0x3f|0x80
	if err := p.gather(); err != nil {
		return nil, err
	}
	if err := p.define(); err != nil {
		return nil, err
	}
	return p, p.layout()
}

// Size is how much room the image needs, bytes, in whole pages.
func (p *Plan) Size() uint64 { return p.size }

// gather merges the inputs' sections of one name into one.
func (p *Plan) gather() error {
	type key struct{ seg, name string }
	byName := map[key]int{}
	total := uint64(0)
	for _, o := range p.objects {
		for i := range o.file.Sections {
			s := &o.file.Sections[i]
			g := group(s)
			if g == groupNone || g == groupDebug && len(p.objects) > 1 {
				continue // joining debugging information is a debugger's linker's job
			}
			if total += s.Size; s.Size > MaxImage || total > MaxImage {
				return bad("the image is larger than %d MB", MaxImage>>20)
			}
			n, ok := byName[key{s.Seg, s.Name}]
			if !ok {
				n = len(p.sections)
				byName[key{s.Seg, s.Name}] = n
				p.sections = append(p.sections, outSection{group: g, Section: Section{Seg: s.Seg, Name: s.Name, Flags: s.Flags}})
			}
			out := &p.sections[n]
			if out.group != g {
				return bad("section %s,%s has different types in different objects", s.Seg, s.Name)
			}
			off := align(out.Size, s.Align)
			o.sects[i].out, o.sects[i].off = n, off
			out.Size, out.Align = off+s.Size, max(out.Align, s.Align)
			if g == groupZero {
				continue
			}
			data, err := o.file.SectionData(s)
			if err != nil {
				return err
			}
			out.data = append(append(out.data, make([]byte, off-uint64(len(out.data)))...), data...)
			if uint64(len(out.data)) != out.Size {
				return bad("section %s,%s has no bytes in the file", s.Seg, s.Name)
			}
		}
	}
	return nil
}

// layout gives every section its offset, and makes the GOT and the stubs.
func (p *Plan) layout() error {
	p.synthesise()
	at := p.headerSize()
	start := uint64(0)
	names := [3]string{"__TEXT", "__DATA_CONST", "__DATA"}
	prots := [3]abi.Prot{abi.VM_PROT_READ | abi.VM_PROT_EXECUTE, abi.VM_PROT_READ, abi.VM_PROT_DEFAULT}
	for g := range groups {
		for i := range p.sections {
			s := &p.sections[i]
			if s.group != g {
				continue
			}
			at = align(at, s.Align)
			s.Addr = at
			if at += s.Size; at > MaxImage {
				return bad("the image is larger than %d MB", MaxImage>>20)
			}
		}
		if g == groupData {
			continue // zero-fill follows in the same segment
		}
		seg := min(g, 2)
		end := align(at, 12)
		p.segs[seg] = Segment{Name: names[seg], Addr: start, Size: end - start, Prot: prots[seg]}
		start, at = end, end
	}
	p.size = start
	for k, off := range p.gotSlots {
		p.gotSlots[k] = p.sections[p.sectionNamed(gotName)].Addr + off
	}
	for k, off := range p.stubs {
		p.stubs[k] = p.sections[p.sectionNamed(stubName)].Addr + off
	}
	return nil
}

const gotName, stubName = "__got", "__stubs"

// synthesise makes a GOT slot for each symbol that is loaded through one and a
// stub (with a slot) for each branch to a symbol outside.
func (p *Plan) synthesise() {
	for n, o := range p.objects {
		for i := range o.sects {
			if o.sects[i].out < 0 {
				continue
			}
			for _, r := range o.sects[i].relocs {
				if !r.Extern || int(r.Symbol) >= len(o.syms) {
					continue // refused when it is applied
				}
				k := p.key(n, r.Symbol)
				switch r.Type {
				case macho.X86Got, macho.X86GotLoad:
					p.slot(k)
				case macho.X86Branch:
					if g := p.globals[k.name]; k.name != "" && g == nil {
						p.slot(k)
						if _, ok := p.stubs[k]; !ok {
							p.stubs[k] = uint64(len(p.stubs)) * stubSize
						}
					}
				}
			}
		}
	}
	if n := uint64(len(p.gotSlots)); n > 0 {
		p.sections = append(p.sections, outSection{group: groupConst, data: make([]byte, 8*n), Section: Section{
			Seg: "__DATA_CONST", Name: gotName, Size: 8 * n, Align: 3, Flags: macho.SectNonLazyPointers}})
	}
	if n := uint64(len(p.stubs)); n > 0 {
		p.sections = append(p.sections, outSection{group: groupText, data: make([]byte, stubSize*n), Section: Section{
			Seg: "__TEXT", Name: stubName, Size: stubSize * n, Align: 3, Flags: macho.AttrPureInstructions | macho.AttrSomeInstructions}})
	}
}

func (p *Plan) slot(k symKey) {
	if _, ok := p.gotSlots[k]; !ok {
		p.gotSlots[k] = 8 * uint64(len(p.gotSlots))
	}
}

// sectionNamed finds a section made here, which is among the last two.
func (p *Plan) sectionNamed(name string) int {
	for i := len(p.sections) - 1; i >= 0; i-- {
		if p.sections[i].Name == name {
			return i
		}
	}
	return -1
}

// headerSize is the room for the mach header and load commands at the base.
func (p *Plan) headerSize() uint64 {
	return macho.CommandSpace(len(p.segs)+1, len(p.sections)) // __DWARF too
}

func align(n uint64, log2 uint32) uint64 {
	m := uint64(1)<<log2 - 1
	return (n + m) &^ m
}
