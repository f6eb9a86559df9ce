package macho

import (
	"encoding/binary"

	"puggle/abi"
)

// Writer makes small Mach-O files: relocatable objects, symbol files for
// debuggers, and what tests need. It checks nothing: its input is ours.
// Sections with Data, relocations, symbols and strings are laid out in that
// order behind the load commands.
type Writer struct {
	CPU      CPU
	SubType  uint32
	Type     Type
	Flags    uint32
	UUID     *[16]byte
	Segments []WSegment
	Symbols  []Symbol
	Commands [][]byte // further load commands, whole and of a size divisible by 8
	// FileAlign is the alignment of each segment's bytes in the file, bytes;
	// 0 means that of the sections.
	FileAlign uint64
	// Headroom says that the first segment's Data begins with room for the
	// header and commands, at file offset 0.
	Headroom bool
}

// WSegment is a segment to be written. With Data, the sections are parts of it
// (by address); without, each section has its own.
type WSegment struct {
	Name              string
	VMAddr, VMSize    uint64
	MaxProt, InitProt abi.Prot
	Flags             uint32
	Data              []byte
	Sections          []WSection
	off               uint64
}

// WSection is a section to be written. Off, RelOff and NReloc are filled in.
type WSection struct {
	Section
	Data   []byte
	Relocs []Reloc
}

const symtabCommandSize, uuidCommandSize, dysymtabCommandSize = 24, 24, 80

// CommandSpace is how many bytes the header and commands of a Writer's file
// take, with a UUID and symbols and without further commands.
func CommandSpace(segments, sections int) uint64 {
	return headerSize + uint64(segments)*segmentSize + uint64(sections)*sectionSize + symtabCommandSize + dysymtabCommandSize + uuidCommandSize
}

// out is the file while it is being written.
type out struct{ b []byte }

func (o *out) u32(v ...uint32) {
	for _, x := range v {
		o.b = binary.LittleEndian.AppendUint32(o.b, x)
	}
}

func (o *out) u64(v ...uint64) {
	for _, x := range v {
		o.b = binary.LittleEndian.AppendUint64(o.b, x)
	}
}

func (o *out) name(s string) {
	var n [16]byte
	copy(n[:], s)
	o.b = append(o.b, n[:]...)
}

func (o *out) pad(align uint64) {
	for align > 1 && uint64(len(o.b))%align != 0 {
		o.b = append(o.b, 0)
	}
}

// Bytes is the file.
func (w *Writer) Bytes() []byte {
	sections := 0
	for i := range w.Segments {
		sections += len(w.Segments[i].Sections)
	}
	size := CommandSpace(len(w.Segments), sections) - uuidCommandSize
	ncmds := uint32(len(w.Segments) + 2 + len(w.Commands))
	if w.UUID != nil {
		size += uuidCommandSize
		ncmds++
	}
	for _, c := range w.Commands {
		size += uint64(len(c))
	}
	var body out // what follows the commands; offsets in it are the file's
	body.b = make([]byte, size)
	w.placeData(&body)
	symoff, stroff, strsize := w.placeSymbols(&body)

	var h out
	h.u32(Magic64, uint32(w.CPU), w.SubType, uint32(w.Type), ncmds, uint32(size-headerSize), w.Flags, 0)
	for i := range w.Segments {
		w.Segments[i].write(&h)
	}
	h.u32(uint32(LcSymtab), symtabCommandSize, symoff, uint32(len(w.Symbols)), stroff, strsize)
	h.u32(uint32(LcDysymtab), dysymtabCommandSize)
	l, e, n := w.symbolGroups()
	h.u32(0, l, l, e-l, e, n-e)
	h.b = append(h.b, make([]byte, dysymtabCommandSize-8-24)...)
	if w.UUID != nil {
		h.u32(uint32(LcUUID), uuidCommandSize)
		h.b = append(h.b, w.UUID[:]...)
	}
	for _, c := range w.Commands {
		h.b = append(h.b, c...)
	}
	copy(body.b, h.b)
	return body.b
}

// placeData lays out what the segments hold and fills in the sections' offsets.
func (w *Writer) placeData(o *out) {
	for i := range w.Segments {
		s := &w.Segments[i]
		switch {
		case s.Data != nil && w.Headroom && i == 0:
			o.b = append(o.b, s.Data[min(len(o.b), len(s.Data)):]...)
			s.setOffsets(0)
		case s.Data != nil:
			o.pad(w.FileAlign)
			s.setOffsets(uint64(len(o.b)))
			o.b = append(o.b, s.Data...)
		default:
			o.pad(w.FileAlign)
			for j := range s.Sections { // so that padding is the same as in memory
				o.pad(1 << s.Sections[j].Align)
			}
			for j := range s.Sections {
				x := &s.Sections[j]
				if x.Zerofill() {
					continue
				}
				o.pad(1 << x.Align)
				x.Off = uint32(len(o.b))
				o.b = append(o.b, x.Data...)
			}
		}
	}
	for i := range w.Segments {
		for j := range w.Segments[i].Sections {
			x := &w.Segments[i].Sections[j]
			if len(x.Relocs) == 0 {
				continue
			}
			o.pad(8)
			x.RelOff, x.NReloc = uint32(len(o.b)), uint32(len(x.Relocs))
			for _, r := range x.Relocs {
				info := r.Symbol&0xffffff | uint32(r.Length&3)<<25 | uint32(r.Type&15)<<28
				if r.PCRel {
					info |= 1 << 24
				}
				if r.Extern {
					info |= 1 << 27
				}
				o.u32(r.Addr, info)
			}
		}
	}
}

func (s *WSegment) setOffsets(off uint64) {
	for j := range s.Sections {
		if x := &s.Sections[j]; !x.Zerofill() {
			x.Off = uint32(off + x.Addr - s.VMAddr)
		}
	}
	s.off = off
}

func (w *Writer) placeSymbols(o *out) (symoff, stroff, strsize uint32) {
	o.pad(8)
	symoff = uint32(len(o.b))
	strs := []byte{' ', 0}
	for i := range w.Symbols {
		s := &w.Symbols[i]
		x := uint32(0)
		if s.Name != "" {
			x = uint32(len(strs))
			strs = append(append(strs, s.Name...), 0)
		}
		o.u32(x)
		o.b = append(o.b, s.Type, s.Sect)
		o.b = binary.LittleEndian.AppendUint16(o.b, s.Desc)
		o.u64(s.Value)
	}
	stroff = uint32(len(o.b))
	o.b = append(o.b, strs...)
	return symoff, stroff, uint32(len(strs))
}

// symbolGroups gives the ends of the local, defined and undefined symbols, if
// Symbols are in that order; debuggers and linkers want them so.
func (w *Writer) symbolGroups() (locals, defined, all uint32) {
	for i := range w.Symbols {
		s := &w.Symbols[i]
		switch {
		case !s.External():
			locals++
		case s.Defined():
			defined++
		}
	}
	return locals, locals + defined, uint32(len(w.Symbols))
}

func (s *WSegment) write(h *out) {
	h.u32(uint32(LcSegment64), uint32(segmentSize+sectionSize*len(s.Sections)))
	h.name(s.Name)
	off, size := s.off, uint64(len(s.Data))
	if s.Data == nil {
		var end uint64
		for i := range s.Sections {
			if x := &s.Sections[i]; !x.Zerofill() {
				if end == 0 {
					off = uint64(x.Off)
				}
				end = max(end, uint64(x.Off)+x.Size)
			}
		}
		size = end - min(off, end)
	}
	h.u64(s.VMAddr, s.VMSize, off, size)
	h.u32(uint32(s.MaxProt), uint32(s.InitProt), uint32(len(s.Sections)), s.Flags)
	for i := range s.Sections {
		x := &s.Sections[i]
		h.name(x.Name)
		h.name(x.Seg)
		h.u64(x.Addr, x.Size)
		h.u32(x.Off, x.Align, x.RelOff, x.NReloc, x.Flags, x.Reserved1, x.Reserved2, x.Reserved3)
	}
}
