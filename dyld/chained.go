package dyld

import (
	"bytes"
	"encoding/binary"
)

// Pointer formats of <mach-o/fixup-chains.h> that x86_64 programs have.
const (
	chainedPtr64       = 2 // target is an unslid address
	chainedPtr64Offset = 6 // target is an offset from the mach header

	chainedImport         = 1
	chainedImportAddend   = 2
	chainedImportAddend64 = 3

	chainedStartNone  = 0xffff
	chainedStartMulti = 0x8000
)

// bindChained applies LC_DYLD_CHAINED_FIXUPS: a table of imports, and for
// each page of each segment a chain of pointers that says for each whether it
// is bound to an import or slid.
func (p *Process) bindChained(img *Image, mem Memory) error {
	data, err := img.Object.data(*img.File.ChainedFixups)
	if err != nil || len(data) == 0 {
		return err
	}
	r := reader{b: data}
	version, starts := r.u32(0), r.u32(4)
	if version != 0 {
		return badImage("chained fix-ups of version %d are not known", version)
	}
	imports, err := p.chainedImports(img, &r)
	if err != nil {
		return err
	}
	n := r.u32(uint64(starts))
	if n > uint32(len(img.byIndex)) {
		return badImage("chained fix-ups for %d segments of %d", n, len(img.byIndex))
	}
	patch := newPatcher(mem)
	for i := uint32(0); i < n && err == nil && !r.bad; i++ {
		if off := r.u32(uint64(starts) + 4 + 4*uint64(i)); off != 0 {
			err = img.chainedSegment(patch, &r, int(i), uint64(starts)+uint64(off), imports)
		}
	}
	if e := patch.close(); err == nil {
		err = e
	}
	if err == nil && r.bad {
		err = badImage("the chained fix-ups end early")
	}
	return err
}

func (img *Image) chainedSegment(p *patcher, r *reader, index int, at uint64, imports []uint64) error {
	pageSize, format := uint64(r.u16(at+4)), r.u16(at+6)
	offset, pages := r.u64(at+8), r.u16(at+20)
	if r.bad {
		return nil // reported once, by the caller
	}
	if format != chainedPtr64 && format != chainedPtr64Offset {
		return badImage("chained pointer format %d is not supported", format)
	}
	if pageSize != 0x1000 && pageSize != 0x4000 {
		return badImage("chained fix-ups with pages of %#x bytes", pageSize)
	}
	if img.byIndex[index] < 0 {
		return badImage("chained fix-ups in segment %d, which is not there", index)
	}
	seg := &img.Segments[img.byIndex[index]]
	if seg.Addr-(img.Base-img.Slide) != offset {
		return badImage("chained fix-ups: segment %q is not at offset %#x", seg.Name, offset)
	}
	var add uint64 // to a target
	if format == chainedPtr64 {
		add = img.Slide
	} else {
		add = img.Base
	}
	limit := seg.Addr + seg.Size + img.Slide
	for page := range uint64(pages) {
		start := r.u16(at + 22 + 2*page)
		if r.bad {
			return nil
		}
		if start == chainedStartNone {
			continue
		}
		if start&chainedStartMulti != 0 || uint64(start) >= pageSize {
			return badImage("chained fix-ups: bad start %#x of page %d", start, page)
		}
		for off := uint64(start); ; {
			if off >= pageSize {
				return badImage("chained fix-ups: a chain leaves page %d", page)
			}
			pos := page*pageSize + off
			if err := seg.fixable(pos); err != nil {
				return err
			}
			w, err := p.word(seg.Addr+img.Slide+pos, limit, 0)
			if err != nil {
				return err
			}
			v := get64(w)
			if v>>63 != 0 {
				ord := v & 0xffffff
				if ord >= uint64(len(imports)) {
					return badImage("chained bind to import %d of %d", ord, len(imports))
				}
				put64(w, imports[ord]+v>>24&0xff)
			} else {
				put64(w, (v&(1<<36-1)+add)|v>>36&0xff<<56)
			}
			next := v >> 51 & 0xfff
			if next == 0 {
				break
			}
			off += next * 4
		}
	}
	return nil
}

// chainedImports resolves the table of imports, each with its addend.
func (p *Process) chainedImports(img *Image, r *reader) ([]uint64, error) {
	table, symbols := uint64(r.u32(8)), uint64(r.u32(12))
	count, format, compressed := r.u32(16), r.u32(20), r.u32(24)
	size := map[uint32]uint64{chainedImport: 4, chainedImportAddend: 8, chainedImportAddend64: 16}[format]
	switch {
	case count == 0:
		return nil, nil
	case size == 0:
		return nil, badImage("chained imports of format %d are not known", format)
	case compressed != 0:
		return nil, badImage("compressed names of chained imports are not supported")
	case r.bad || symbols > uint64(len(r.b)) || uint64(count)*size > uint64(len(r.b)):
		return nil, badImage("the chained imports end early")
	}
	names := r.b[symbols:]
	budget := 2*len(names) + 64*int(count) // names may overlap; see macho.File.Symbols
	out := make([]uint64, count)
	for i := range out {
		at := table + uint64(i)*size
		var ref reference
		var nameOff uint64
		if format == chainedImportAddend64 {
			v := r.u64(at)
			ref.ordinal, ref.weak, nameOff = int(v&0xffff), v>>16&1 != 0, v>>32
			if ref.ordinal > 0xfff0 {
				ref.ordinal = int(int16(ref.ordinal))
			}
			ref.addend = int64(r.u64(at + 8))
		} else {
			v := r.u32(at)
			ref.ordinal, ref.weak, nameOff = int(v&0xff), v>>8&1 != 0, uint64(v>>9)
			if ref.ordinal > 0xf0 {
				ref.ordinal = int(int8(ref.ordinal))
			}
			if format == chainedImportAddend {
				ref.addend = int64(int32(r.u32(at + 4)))
			}
		}
		if r.bad || nameOff >= uint64(len(names)) {
			return nil, badImage("chained import %d has no name", i)
		}
		name := names[nameOff:]
		end := bytes.IndexByte(name, 0)
		if end < 0 {
			return nil, badImage("chained import %d has no name", i)
		}
		if budget -= end; budget < 0 {
			return nil, badImage("names of chained imports overlap too much")
		}
		ref.name = string(name[:end])
		v, _, err := p.resolve(img, ref, false)
		if err != nil {
			return nil, err
		}
		out[i] = v + uint64(ref.addend)
	}
	return out, nil
}

// reader reads numbers at offsets; outside of b they are 0 and bad is set.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) at(off, n uint64) []byte {
	if off > uint64(len(r.b)) || n > uint64(len(r.b))-off {
		r.bad = true
		return make([]byte, 8)
	}
	return r.b[off:]
}

func (r *reader) u16(off uint64) uint16 { return binary.LittleEndian.Uint16(r.at(off, 2)) }
func (r *reader) u32(off uint64) uint32 { return binary.LittleEndian.Uint32(r.at(off, 4)) }
func (r *reader) u64(off uint64) uint64 { return binary.LittleEndian.Uint64(r.at(off, 8)) }
