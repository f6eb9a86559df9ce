package macho

import (
	"bytes"

	"puggle/abi"
)

// Segment is a segment_command_64. VMAddr+VMSize and FileOff+FileSize don't
// overflow; the file range lies inside the file; FileSize is at most VMSize
// unless VMSize is 0 (debugging information that isn't mapped).
type Segment struct {
	Name              string
	VMAddr, VMSize    uint64
	FileOff, FileSize uint64
	MaxProt, InitProt abi.Prot
	Flags             uint32
	Sections          []Section // part of File.Sections
}

// Section is a section_64.
type Section struct {
	Name, Seg  string
	Addr, Size uint64
	Off        uint32
	Align      uint32 // power of two, at most 15 (as the static linkers have it)
	RelOff     uint32
	NReloc     uint32
	Flags      uint32
	Reserved1  uint32
	Reserved2  uint32
	Reserved3  uint32
}

// Type is the section's type, Sect*.
func (s *Section) Type() uint32 { return s.Flags & 0xff }

// Zerofill reports whether the section has no bytes in the file.
func (s *Section) Zerofill() bool {
	t := s.Type()
	return t == SectZerofill || t == SectGBZerofill || t == SectThreadZerofill
}

const segmentSize, sectionSize = 72, 80

func parseSegment(c *command) {
	if len(c.b) < segmentSize {
		c.fail("command is too short (%d bytes)", len(c.b))
		return
	}
	f := c.f
	s := Segment{
		Name:   name16(c.b[8:]),
		VMAddr: c.u64(24), VMSize: c.u64(32), FileOff: c.u64(40), FileSize: c.u64(48),
		MaxProt: abi.Prot(c.u32(56) & 7), InitProt: abi.Prot(c.u32(60) & 7),
		Flags: c.u32(68),
	}
	n := c.u32(64)
	if uint64(n)*sectionSize != uint64(len(c.b)-segmentSize) {
		c.fail("%d sections don't fit the command's %d bytes", n, len(c.b))
		return
	}
	if uint64(len(f.Sections))+uint64(n) > uint64(f.lim.Sections) {
		c.fail("more than %d sections", f.lim.Sections)
		return
	}
	if s.VMAddr+s.VMSize < s.VMAddr {
		c.fail("segment %q overflows the address space", s.Name)
		return
	}
	if s.FileSize != 0 && !inside(s.FileOff, s.FileSize, uint64(f.Size)) {
		c.fail("segment %q (file %#x+%#x) lies outside the file", s.Name, s.FileOff, s.FileSize)
		return
	}
	if s.FileSize > s.VMSize && s.VMSize != 0 {
		c.fail("segment %q is larger in the file than in memory", s.Name)
		return
	}
	first := len(f.Sections)
	for i := range int(n) {
		if !c.section(&s, segmentSize+i*sectionSize) {
			return
		}
	}
	s.Sections = f.Sections[first:len(f.Sections):len(f.Sections)]
	f.Segments = append(f.Segments, s)
}

func (c *command) section(s *Segment, at int) bool {
	f := c.f
	x := Section{
		Name: name16(c.b[at:]), Seg: name16(c.b[at+16:]),
		Addr: c.u64(at + 32), Size: c.u64(at + 40),
		Off: c.u32(at + 48), Align: c.u32(at + 52), RelOff: c.u32(at + 56), NReloc: c.u32(at + 60),
		Flags: c.u32(at + 64), Reserved1: c.u32(at + 68), Reserved2: c.u32(at + 72), Reserved3: c.u32(at + 76),
	}
	// A section of a linked file is where it is, whatever its alignment (V8 asks for 2 MB);
	// those of others are laid out by it.
	most := uint32(15)
	if f.Type == Execute || f.Type == Dylib || f.Type == Bundle {
		most = 31
	}
	switch {
	case x.Align > most:
		c.fail("section %s,%s has alignment 2^%d", x.Seg, x.Name, x.Align)
	case x.Addr < s.VMAddr || !inside(x.Addr-s.VMAddr, x.Size, s.VMSize) && s.VMSize != 0,
		x.Addr+x.Size < x.Addr:
		c.fail("section %s,%s lies outside its segment", x.Seg, x.Name)
	case !x.Zerofill() && x.Size != 0 && s.FileSize != 0 && !inside(uint64(x.Off), x.Size, uint64(f.Size)):
		c.fail("section %s,%s lies outside the file", x.Seg, x.Name)
	case x.NReloc > f.lim.Relocs:
		c.fail("section %s,%s has %d relocations (at most %d are supported)", x.Seg, x.Name, x.NReloc, f.lim.Relocs)
	case x.NReloc != 0 && !inside(uint64(x.RelOff), 8*uint64(x.NReloc), uint64(f.Size)):
		c.fail("the relocations of section %s,%s lie outside the file", x.Seg, x.Name)
	default:
		f.Sections = append(f.Sections, x)
		return true
	}
	return false
}

// SectionData reads a section's bytes; nil for zero-fill sections and for
// sections whose segment has nothing in the file.
func (f *File) SectionData(s *Section) ([]byte, error) {
	if s.Zerofill() || s.Size == 0 {
		return nil, nil
	}
	return f.Data(Range{uint64(s.Off), s.Size})
}

func name16(b []byte) string {
	b = b[:16]
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}
