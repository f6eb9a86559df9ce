package macho

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

const headerSize = 32

// Header is a mach_header_64.
type Header struct {
	CPU          CPU
	SubType      uint32
	Type         Type
	CommandCount uint32
	CommandBytes uint32
	Flags        uint32
}

// Range is a run of bytes in the (thin) file; it lies inside the file.
type Range struct {
	Off, Size uint64
}

// File is a parsed thin image. It doesn't change after Parse.
type File struct {
	Header
	Size int64 // of the thin image, bytes

	Segments []Segment
	Sections []Section // of all segments in order; n_sect of a symbol is the index plus 1

	Dylibs   []LoadDylib // in order: a two-level ordinal n means Dylibs[n-1]
	ID       *LoadDylib  // LC_ID_DYLIB
	Dylinker string      // LC_LOAD_DYLINKER, "" if static
	Rpaths   []string
	DyldEnv  []string
	Umbrella string   // LC_SUB_FRAMEWORK: the umbrella that re-exports this image
	SubUmbr  []string // LC_SUB_UMBRELLA and LC_SUB_LIBRARY: what this image re-exports, by leaf name
	Entry    Entry
	// InitRoutine is LC_ROUTINES_64: the unslid address of a function to call
	// before the initialisers of the sections; 0 for none.
	InitRoutine uint64
	UUID        [16]byte
	HasUUID     bool
	Build       []BuildVersion // LC_BUILD_VERSION and LC_VERSION_MIN_*
	SourceVer   uint64
	Symtab      Symtab
	Dysymtab    Dysymtab
	DyldInfo    *DyldInfo
	Notes       []Note

	ChainedFixups *Range
	ExportsTrie   *Range
	FunctionStart *Range
	DataInCode    *Range
	CodeSignature *Range
	SplitInfo     *Range
	Encryption    *Encryption

	// Unknown lists commands that this package doesn't read. A dynamic linker
	// must refuse an image if one of them has the ReqDyld bit.
	Unknown []Cmd

	r   io.ReaderAt
	lim Limits
}

// Parse reads the header and load commands of a thin image of size bytes.
// The error is a *FormatError, or r's own.
func Parse(r io.ReaderAt, size int64, lim Limits) (*File, error) {
	lim = lim.orDefault()
	if size < headerSize {
		return nil, bad(-1, "file is too short (%d bytes)", size)
	}
	// One read gets the commands as well, of nearly every file.
	first := make([]byte, min(size, 4096))
	if err := readFull(r, first, 0); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	if m := le.Uint32(first); m != Magic64 {
		return nil, badMagic(m)
	}
	f := &File{Size: size, r: r, lim: lim}
	f.Header = Header{
		CPU: CPU(le.Uint32(first[4:])), SubType: le.Uint32(first[8:]), Type: Type(le.Uint32(first[12:])),
		CommandCount: le.Uint32(first[16:]), CommandBytes: le.Uint32(first[20:]), Flags: le.Uint32(first[24:]),
	}
	if f.CommandCount > lim.Commands {
		return nil, bad(16, "%d load commands (at most %d are supported)", f.CommandCount, lim.Commands)
	}
	if f.CommandBytes > lim.CommandBytes || int64(f.CommandBytes) > size-headerSize {
		return nil, bad(20, "load commands of %d bytes don't fit", f.CommandBytes)
	}
	end := headerSize + int(f.CommandBytes)
	if end > len(first) {
		all := make([]byte, end)
		n := copy(all, first)
		if err := readFull(r, all[n:], int64(n)); err != nil {
			return nil, err
		}
		first = all
	}
	if err := f.parseCommands(first[headerSize:end]); err != nil {
		return nil, err
	}
	return f, nil
}

// Segment finds a segment by name; nil if there is none.
func (f *File) Segment(name string) *Segment {
	for i := range f.Segments {
		if f.Segments[i].Name == name {
			return &f.Segments[i]
		}
	}
	return nil
}

// Section finds a section by the names of its segment and itself; nil if
// there is none.
func (f *File) Section(seg, name string) *Section {
	for i := range f.Sections {
		if s := &f.Sections[i]; s.Name == name && s.Seg == seg {
			return s
		}
	}
	return nil
}

// Data reads a range of the file. It fails for ranges outside the file or
// above Limits.LinkEdit, so a caller may pass what a file says.
func (f *File) Data(g Range) ([]byte, error) {
	if !inside(g.Off, g.Size, uint64(f.Size)) {
		return nil, bad(-1, "range %#x+%#x lies outside the file", g.Off, g.Size)
	}
	if g.Size > f.lim.LinkEdit {
		return nil, bad(int64(g.Off), "%d bytes in one piece (at most %d are supported)", g.Size, f.lim.LinkEdit)
	}
	b := make([]byte, g.Size)
	if err := readFull(f.r, b, int64(g.Off)); err != nil {
		return nil, err
	}
	return b, nil
}

// ReadAt reads the thin image itself.
func (f *File) ReadAt(b []byte, off int64) (int, error) { return f.r.ReadAt(b, off) }

func readFull(r io.ReaderAt, b []byte, off int64) error {
	if len(b) == 0 {
		return nil
	}
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return bad(off, "file ends early")
	}
	return err
}

// inside reports whether [off, off+n) lies in [0, size), without overflow.
func inside(off, n, size uint64) bool { return off <= size && n <= size-off }

func (l Limits) orDefault() Limits {
	if l == (Limits{}) {
		return Default
	}
	return l
}

func (c CPU) String() string {
	switch c {
	case CPUX86_64:
		return "x86_64"
	case CPUARM64:
		return "arm64"
	case CPUI386:
		return "i386"
	case CPUARM:
		return "arm"
	}
	var b strings.Builder
	b.WriteString("cpu ")
	const hex = "0123456789abcdef"
	for i := 28; i >= 0; i -= 4 {
		b.WriteByte(hex[c>>i&15])
	}
	return b.String()
}
