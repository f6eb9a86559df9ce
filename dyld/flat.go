package dyld

import (
	"errors"

	"puggle/abi"
)

// Bytes is the part of Memory that binding needs.
type Bytes interface {
	Read(addr uint64, b []byte) error
	Write(addr uint64, b []byte) error
}

// BindFlat applies the fix-ups of one image that stands in mem already, slid,
// with one flat namespace: resolve knows all symbols that the image doesn't
// define. It is for bundles of kernel code, which have no libraries. Errors: as
// Process.Load.
func BindFlat(o *Object, slide uint64, mem Bytes, resolve func(name string) (uint64, bool)) error {
	p := NewProcess(nil, Options{Missing: func(e *SymbolError) (uint64, bool) { return resolve(e.Name) }})
	img, err := p.add(o, nil)
	if err != nil {
		return err
	}
	if slide%PageSize != 0 {
		return badImage("%s: a slide of %#x", o.Path, slide)
	}
	img.Slide, img.Base, img.flat = slide, headerAddr(o.File)+slide, true
	img.deps = make([]*Image, len(o.File.Dylibs))
	if t, ok, err := img.ThreadLocals(); err != nil || ok && t.Count > 0 {
		return errors.Join(err, badImage("%s: thread-local variables are not for kernel code", o.Path))
	}
	return p.fixUp(img, placed{mem})
}

// placed is a Memory of something that is mapped.
type placed struct{ Bytes }

func (placed) Map(*Image) (uint64, error)            { return 0, nil }
func (placed) Unmap(*Image)                          {}
func (placed) Protect(_, _ uint64, _ abi.Prot) error { return nil } // the caller does
