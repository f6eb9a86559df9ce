package dyld

import (
	"fmt"
	"io"
	"io/fs"

	"puggle/abi"
	"puggle/macho"
)

// Prelinked is an image of the shared region: where it is, and the bytes that
// its segments have after binding.
type Prelinked struct {
	Object *Object
	Slide  uint64
	// Data is, for each of the image's Segments, what the file has of it, or binding
	// has put there, in whole pages; the rest of the segment is zero. It is nil for segments that are
	// reserved or all zero. Segments with ReadOnlyAfter may be mapped read-only at
	// once.
	Data [][]byte
}

// Shared is a set of libraries that were placed and bound once, for all
// processes. It doesn't change after Prelink.
type Shared struct {
	Images    []*Prelinked
	Low, High uint64 // what they occupy
	byID      map[any]*Prelinked
	byName    map[string]*Prelinked
}

// Prelink places the libraries from base on, in order, and binds them to each
// other. Everything they need must be among them. Errors: as Process.Load.
func Prelink(objects []*Object, base uint64) (*Shared, error) {
	if base%PageSize != 0 {
		return nil, badImage("the shared region can't be at %#x", base)
	}
	b := &builder{next: base}
	p := NewProcess(objectLoader(objects), Options{})
	for _, o := range objects {
		if o.File.Type != macho.Dylib {
			return nil, badImage("%s: not a library", o.Path)
		}
		if p.byID[o.id()] == nil {
			if _, err := p.add(o, nil); err != nil {
				return nil, err
			}
		}
	}
	if err := p.finish(0, b); err != nil {
		return nil, err
	}
	s := &Shared{Low: base, High: b.next, byID: map[any]*Prelinked{}, byName: map[string]*Prelinked{}}
	for i, img := range p.images {
		if t, ok, err := img.ThreadLocals(); err != nil || ok && t.Count > 0 {
			return nil, badImage("%s: thread-local variables can't be in the shared region", img.Path)
		}
		pre := &Prelinked{img.Object, img.Slide, b.data[i]}
		s.Images = append(s.Images, pre)
		s.byID[img.id()] = pre
		s.byName[img.Path] = pre
		if id := img.File.ID; id != nil {
			s.byName[id.Name] = pre
		}
	}
	return s, nil
}

// objectLoader finds the given objects by path or install name.
type objectLoader []*Object

func (l objectLoader) Open(path string) (*Object, error) {
	for _, o := range l {
		if o.Path == path || o.File.ID != nil && o.File.ID.Name == path {
			return o, nil
		}
	}
	return nil, fmt.Errorf("%s: not among the libraries to prelink: %w", path, fs.ErrNotExist)
}

// object is the region's library at path; nil if there is none.
func (s *Shared) object(path string) *Object {
	if s == nil || s.byName[path] == nil {
		return nil
	}
	return s.byName[path].Object
}

// builder is a Memory of byte slices, for Prelink.
type builder struct {
	next uint64
	imgs []*Image
	data [][][]byte
}

const maxPrelinked = 1 << 30

func (b *builder) Map(img *Image) (uint64, error) {
	low, high := img.Range()
	if high-low > maxPrelinked {
		return 0, badImage("too large for the shared region")
	}
	slide := b.next - low
	b.next += high - low
	data := make([][]byte, len(img.Segments))
	for i := range img.Segments {
		s := &img.Segments[i]
		if s.Reserved() || s.FileSize == 0 {
			continue
		}
		data[i] = make([]byte, min(s.Size, (s.FileSize+PageSize-1)&^(PageSize-1)))
		n, err := img.File.ReadAt(data[i][:min(s.FileSize, uint64(len(data[i])))], int64(s.FileOff))
		if err != nil && (err != io.EOF || uint64(n) < s.FileSize) {
			return 0, err
		}
	}
	b.imgs, b.data = append(b.imgs, img), append(b.data, data)
	return slide, nil
}

func (b *builder) Unmap(*Image) {}

func (b *builder) Protect(_, _ uint64, _ abi.Prot) error { return nil } // whoever maps the bytes does

func (b *builder) Read(addr uint64, p []byte) error {
	data, off, err := b.find(addr, len(p))
	if err != nil {
		return err
	}
	n := 0
	if off < uint64(len(*data)) {
		n = copy(p, (*data)[off:])
	}
	clear(p[n:])
	return nil
}

func (b *builder) Write(addr uint64, p []byte) error {
	data, off, err := b.find(addr, len(p))
	if err != nil {
		return err
	}
	if end := (off + uint64(len(p)) + PageSize - 1) &^ (PageSize - 1); end > uint64(len(*data)) {
		*data = append(*data, make([]byte, end-uint64(len(*data)))...)
	}
	copy((*data)[off:], p)
	return nil
}

// find gives the data of the segment that has [addr, addr+n), and where in it.
func (b *builder) find(addr uint64, n int) (data *[]byte, off uint64, err error) {
	for i, img := range b.imgs {
		for j := range img.Segments {
			s := &img.Segments[j]
			off := addr - img.Slide - s.Addr
			if off < s.Size && uint64(n) <= s.Size-off && !s.Reserved() {
				return &b.data[i][j], off, nil
			}
		}
	}
	return nil, 0, badImage("no memory at %#x", addr)
}
