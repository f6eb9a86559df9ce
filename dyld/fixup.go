package dyld

import (
	"cmp"
	"slices"
)

// maxFixups bounds the rebases, and the binds, of one image: many times what
// the largest programs have.
const maxFixups = 8 << 20

// fixupLimit is maxFixups, and no more than twice the words that the image has in
// its file: the opcodes can repeat one place, and a few bytes of them would mean
// millions of fix-ups.
func (img *Image) fixupLimit() int {
	var words uint64
	for i := range img.Segments {
		words += img.Segments[i].FileSize / 8
	}
	return int(min(2*words, maxFixups))
}

// fixup stores value at an unslid address of the image, or adds it to what is there.
type fixup struct {
	addr, value uint64
	add         bool
}

// place is a position of the opcode machines: a segment and an offset.
// Stepping wraps, as dyld's does; use checks.
type place struct {
	img *Image
	seg *Segment
	off uint64
	// index is seg's place in img.Segments.
	index int
}

func (p *place) set(index byte, off uint64) error {
	if int(index) >= len(p.img.byIndex) || p.img.byIndex[index] < 0 {
		return badImage("fix-up in segment %d, which is not there", index)
	}
	p.index, p.off = p.img.byIndex[index], off
	p.seg = &p.img.Segments[p.index]
	return nil
}

// check makes sure that the 8 bytes here may be fixed up.
func (p *place) check() error {
	if p.seg == nil {
		return badImage("fix-up without a segment")
	}
	return p.seg.fixable(p.off)
}

// fixable makes sure that a pointer at off may be changed.
func (s *Segment) fixable(off uint64) error {
	if s.FileSize < 8 || off > s.FileSize-8 {
		return badImage("fix-up at %#x lies outside segment %q", off, s.Name)
	}
	if s.InitProt&2 == 0 {
		return badImage("fix-up in segment %q, which is not writable", s.Name)
	}
	return nil
}

func (p *place) addr() uint64 { return p.seg.Addr + p.off }

// applyBinds stores each value, or adds it; of two at one address the later wins.
func (img *Image) applyBinds(mem Memory, fixups []fixup) error {
	slices.SortStableFunc(fixups, func(a, b fixup) int { return cmp.Compare(a.addr, b.addr) })
	p := newPatcher(mem)
	for _, x := range fixups {
		seg := img.segmentAt(x.addr, 8)
		w, err := p.word(x.addr+img.Slide, seg.Addr+seg.Size+img.Slide, 0)
		if err != nil {
			p.close()
			return err
		}
		if x.add {
			x.value += get64(w)
		}
		put64(w, x.value)
	}
	return p.close()
}
