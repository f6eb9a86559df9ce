package libkern

import (
	"sort"

	"puggle/abi"
)

// PageSize is the alignment of segments and of images, bytes.
const PageSize = 0x1000

// MaxImage bounds a linked image, zero-fill included, bytes.
const MaxImage = 256 << 20

// Image is kernel code that has been linked for an address.
type Image struct {
	Base, Size uint64 // page multiples
	Segments   []Segment
	// Init and Fini are the constructors and destructors, in the order to call
	// them, with no arguments.
	Init, Fini []uint64
	// Symbols are the defined ones, local ones included, by address.
	Symbols []Symbol
	UUID    [16]byte // of the inputs' bytes; the same inputs have the same

	exports map[string]int // exported names to Symbols
	debug   []outSection   // for SymbolFile
}

// Segment is a part of an image with one protection. Data is Size bytes or
// fewer: the rest is zero.
type Segment struct {
	Name       string
	Addr, Size uint64 // page multiples
	Data       []byte
	Prot       abi.Prot
	Sections   []Section
}

// Section is a named part of a segment.
type Section struct {
	Seg, Name  string // as the object has them
	Addr, Size uint64
	Flags      uint32
	Align      uint32
}

// Symbol is a definition.
type Symbol struct {
	Name     string // with its underscore
	Addr     uint64
	Exported bool
	Weak     bool
}

// Lookup finds an exported symbol.
func (img *Image) Lookup(name string) (Symbol, bool) {
	i, ok := img.exports[name]
	if !ok {
		return Symbol{}, false
	}
	return img.Symbols[i], true
}

// Nearest finds the symbol at or below an address of the image, for a
// back-trace; ok is false if there is none in the same segment.
func (img *Image) Nearest(addr uint64) (s Symbol, ok bool) {
	i := sort.Search(len(img.Symbols), func(i int) bool { return img.Symbols[i].Addr > addr }) - 1
	if i < 0 {
		return s, false
	}
	s = img.Symbols[i]
	for j := range img.Segments {
		g := &img.Segments[j]
		if addr-g.Addr < g.Size {
			return s, s.Addr >= g.Addr
		}
	}
	return s, false
}

// Section finds a section by its names; ok is false if there is none.
func (img *Image) Section(seg, name string) (Section, bool) {
	for i := range img.Segments {
		for _, s := range img.Segments[i].Sections {
			if s.Seg == seg && s.Name == name {
				return s, true
			}
		}
	}
	return Section{}, false
}

// Bytes is a range of the image as it will be in memory; nil if it isn't in
// one segment.
func (img *Image) Bytes(addr, n uint64) []byte {
	for i := range img.Segments {
		g := &img.Segments[i]
		off := addr - g.Addr
		if off >= g.Size || n > g.Size-off {
			continue
		}
		b := make([]byte, n)
		if off < uint64(len(g.Data)) {
			copy(b, g.Data[off:])
		}
		return b
	}
	return nil
}

// finish sorts the symbols and indexes the exports.
func (img *Image) finish(syms []Symbol) {
	sort.SliceStable(syms, func(i, j int) bool { return syms[i].Addr < syms[j].Addr })
	img.Symbols, img.exports = syms, map[string]int{}
	for i := range syms {
		if syms[i].Exported {
			img.exports[syms[i].Name] = i
		}
	}
}
