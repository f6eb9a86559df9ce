package dyld

import "puggle/macho"

// Image is a Mach-O file in one address space.
type Image struct {
	*Object
	Index    int    // 1 for the main executable, then in load order; never reused
	Slide    uint64 // what was added to every address
	Base     uint64 // slid address of the mach header
	Segments []Segment
	// Prelinked isn't nil for an image of the shared region.
	Prelinked *Prelinked

	byIndex []int // fix-ups' segment numbers to Segments, -1 if unmapped
	deps    []*Image
	loader  *Image // who asked for it first; nil for the main executable
	flat    bool
	mapped  bool
}

func newImage(o *Object) (*Image, error) {
	f := o.File
	for _, k := range f.Unknown {
		if k&macho.ReqDyld != 0 {
			return nil, badImage("%s: load command %v is required and not supported", o.Path, k)
		}
	}
	segs, byIndex, err := layout(f)
	if err != nil {
		return nil, inImage(o.Path, err)
	}
	img := &Image{Object: o, Segments: segs, byIndex: byIndex}
	// MH_TWOLEVEL doesn't matter: binds of these formats carry ordinals, and
	// Go's linker doesn't set it.
	img.flat = f.Flags&macho.FlagForceFlat != 0
	head := img.segmentAt(headerAddr(f), uint64(32+f.CommandBytes))
	if head == nil || head.FileOff != 0 || head.FileSize < uint64(32+f.CommandBytes) {
		return nil, badImage("%s: no segment maps the mach header", o.Path)
	}
	if f.Encryption != nil && f.Encryption.ID != 0 {
		return nil, badImage("%s: the image is encrypted", o.Path)
	}
	return img, nil
}

// Slidable reports whether the image may be loaded elsewhere than at the
// addresses it was linked for.
func (img *Image) Slidable() bool {
	return img.File.Type != macho.Execute || img.File.Flags&macho.FlagPIE != 0
}

// Range is the unslid range of addresses that the image occupies, reserved
// segments apart.
func (img *Image) Range() (low, high uint64) {
	low = ^uint64(0)
	for i := range img.Segments {
		s := &img.Segments[i]
		if s.Reserved() {
			continue
		}
		low, high = min(low, s.Addr), max(high, s.Addr+s.Size)
	}
	return min(low, high), high
}

// Entry is the slid address where the program starts and whether it is
// LC_UNIXTHREAD's (jump there) or LC_MAIN's (call it as main). ok is false if the
// image has no entry point inside a segment of its own.
func (img *Image) Entry() (addr uint64, thread, ok bool) {
	e := img.File.Entry
	switch e.Kind {
	case macho.EntryThread:
		addr, thread = e.Addr+img.Slide, true
	case macho.EntryMain:
		addr = e.Addr + img.Base
	default:
		return 0, false, false
	}
	s := img.segmentAt(addr-img.Slide, 1)
	return addr, thread, s != nil && s.FileSize > 0
}

// segmentAt finds the segment that holds an unslid range; nil if none does.
func (img *Image) segmentAt(addr, n uint64) *Segment {
	for i := range img.Segments {
		s := &img.Segments[i]
		if addr >= s.Addr && addr-s.Addr <= s.Size && n <= s.Size-(addr-s.Addr) && !s.Reserved() {
			return s
		}
	}
	return nil
}

// contains reports whether a slid address lies in the image.
func (img *Image) contains(addr uint64) bool { return img.segmentAt(addr-img.Slide, 1) != nil }
