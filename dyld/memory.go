package dyld

import (
	"puggle/abi"
	"puggle/macho"
)

// PageSize is the alignment of segments, bytes.
const PageSize = 0x1000

// Memory is the address space that images are loaded into. Addresses are the
// guest's, slid. dyld calls it from one goroutine at a time.
type Memory interface {
	// Map enters the image's segments (img.Segments, each at its Addr plus
	// the slide returned) with their InitProt, or, if img.Prelinked isn't nil,
	// img.Prelinked's bytes at img.Prelinked.Slide, which it must then return.
	// The slide is a multiple of PageSize; it must be 0 if !img.Slidable().
	Map(img *Image) (slide uint64, err error)
	// Unmap undoes Map after a failure to load.
	Unmap(img *Image)
	// Read and Write copy whatever the protection of the pages. A Write
	// reaches this address space only, never the file.
	Read(addr uint64, b []byte) error
	Write(addr uint64, b []byte) error
	// Protect sets the protection of whole pages.
	Protect(addr, size uint64, prot abi.Prot) error
}

// Loader finds files. Its Objects may be shared by all processes: returning
// the same *Object for the same file saves parsing it again.
type Loader interface {
	// Open opens the Mach-O file at path, the part for this processor.
	// Errors: fs.ErrNotExist (wrapped or not) sends the search on to the next
	// place; anything else ends it.
	Open(path string) (*Object, error)
}

// Segment is a part of an image that is mapped. Addr and Size are multiples
// of PageSize (Size is rounded up), and segments of one image don't overlap.
type Segment struct {
	Name     string
	Addr     uint64 // unslid
	Size     uint64 // bytes, in whole pages
	VMSize   uint64 // bytes as the file has it
	FileOff  uint64 // in the thin image, multiple of PageSize if FileSize > 0
	FileSize uint64 // bytes; what follows, up to Size, is zero
	InitProt abi.Prot
	MaxProt  abi.Prot
	// ReadOnlyAfter means that dyld makes the segment read-only when it has
	// been bound (SG_READ_ONLY).
	ReadOnlyAfter bool
}

// Reserved reports whether the segment keeps addresses free and nothing more
// (__PAGEZERO).
func (s *Segment) Reserved() bool { return s.FileSize == 0 && s.InitProt == 0 && s.MaxProt == 0 }

// layout checks that the image can be mapped and lists what to map.
// byIndex maps segment numbers of fix-ups to places in segs, -1 if unmapped.
func layout(f *macho.File) (segs []Segment, byIndex []int, err error) {
	byIndex = make([]int, len(f.Segments))
	for i := range f.Segments {
		s := &f.Segments[i]
		byIndex[i] = -1
		if s.VMSize == 0 {
			continue
		}
		if s.VMAddr%PageSize != 0 || s.FileSize > 0 && s.FileOff%PageSize != 0 {
			return nil, nil, badImage("segment %q is not aligned to pages", s.Name)
		}
		if s.VMAddr >= 1<<47 || s.VMSize > 1<<47-s.VMAddr {
			return nil, nil, badImage("segment %q lies above the user's address space", s.Name)
		}
		size := (s.VMSize + PageSize - 1) &^ (PageSize - 1)
		byIndex[i] = len(segs)
		segs = append(segs, Segment{s.Name, s.VMAddr, size, s.VMSize, s.FileOff, s.FileSize,
			s.InitProt, s.MaxProt, s.Flags&macho.SegReadOnly != 0})
	}
	for i := range segs {
		for j := range segs[:i] { // segments are few
			a, b := &segs[i], &segs[j]
			if a.Addr < b.Addr+b.Size && b.Addr < a.Addr+a.Size {
				return nil, nil, badImage("segments %q and %q overlap", b.Name, a.Name)
			}
		}
		if len(segs) > maxSegments {
			return nil, nil, badImage("more than %d segments", maxSegments)
		}
	}
	return segs, byIndex, nil
}

const maxSegments = 256
