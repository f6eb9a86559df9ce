package dyld

import "strings"

// Modes of dlopen and special handles of dlsym, <dlfcn.h>.
const (
	RTLD_LAZY     = 0x1
	RTLD_NOW      = 0x2
	RTLD_LOCAL    = 0x4
	RTLD_GLOBAL   = 0x8
	RTLD_NOLOAD   = 0x10
	RTLD_NODELETE = 0x80
	RTLD_FIRST    = 0x100

	RTLD_NEXT      = ^Handle(0)     // -1
	RTLD_DEFAULT   = ^Handle(0) - 1 // -2
	RTLD_SELF      = ^Handle(0) - 2 // -3
	RTLD_MAIN_ONLY = ^Handle(0) - 4 // -5
)

// Handle is what dlopen returns: the image's index times 2, plus 1 if dlsym
// is to look in this image only. 0 is no handle.
type Handle uint64

// Dlopen opens a library, or with path "" the main program. caller is an
// address in the image that calls (for @loader_path and @rpath). The caller
// runs what Initialisers then returns before dlopen returns in the guest.
// If mem is a Loader too, it opens the files instead of the one that the process
// began with: they are opened on the caller's behalf.
// Errors: as Load; the images that were new are unmapped again. With
// RTLD_NOLOAD a library that isn't there yet is a *LibraryError.
func (p *Process) Dlopen(path string, mode int, caller uint64, mem Memory) (Handle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.images) == 0 {
		return 0, badImage("the process has no program")
	}
	if path == "" {
		return p.handle(p.images[0], mode), nil
	}
	from := p.imageAt(caller)
	if from == nil {
		from = p.images[0]
	}
	if mode&RTLD_NOLOAD != 0 && p.byName[path] == nil {
		return 0, &LibraryError{Name: path, From: from.Path}
	}
	if l, ok := mem.(Loader); ok {
		old := p.loader
		p.loader = l
		defer func() { p.loader = old }()
	}
	first := len(p.images)
	img, err := p.open(path, from)
	if err == nil {
		if err = p.finish(first, mem); err != nil {
			p.forget(first, mem)
		}
	}
	if err != nil {
		return 0, err
	}
	return p.handle(img, mode), nil
}

func (p *Process) handle(img *Image, mode int) Handle {
	p.refs[img]++
	h := Handle(img.Index) << 1
	if mode&RTLD_FIRST != 0 {
		h |= 1
	}
	return h
}

// forget takes out the images that a failed Dlopen has added.
func (p *Process) forget(first int, mem Memory) {
	for _, img := range p.images[first:] {
		if img.mapped {
			mem.Unmap(img)
		}
		delete(p.byID, img.id())
		for name, x := range p.byName {
			if x == img {
				delete(p.byName, name)
			}
		}
	}
	p.images = p.images[:first]
}

// Dlclose gives a handle back. ok is false for a handle that isn't open. The
// image stays.
func (p *Process) Dlclose(h Handle) (ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	img := p.byHandle(h)
	if img == nil || p.refs[img] == 0 {
		return false
	}
	p.refs[img]--
	return true
}

// Dlsym finds a symbol by its C name (without the underscore). caller is an
// address in the image that calls, for RTLD_NEXT and RTLD_SELF. Errors:
// *SymbolError; *ImageError for a bad handle.
func (p *Process) Dlsym(h Handle, name string, caller uint64) (Symbol, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name = "_" + name
	var where []*Image
	switch h {
	case RTLD_DEFAULT:
		where = p.images
	case RTLD_MAIN_ONLY:
		where = p.images[:min(1, len(p.images))]
	case RTLD_SELF, RTLD_NEXT:
		for i, img := range p.images {
			if !img.contains(caller) {
				continue
			}
			if h == RTLD_NEXT {
				i++
			}
			where = p.images[i:]
			break
		}
	default:
		img := p.byHandle(h)
		if img == nil {
			return Symbol{}, badImage("invalid handle %#x", uint64(h))
		}
		if h&1 != 0 {
			where = []*Image{img}
		} else if where = closure(img); img == p.images[0] {
			where = p.images // dlopen(NULL) sees everything
		}
	}
	from := "dlsym"
	if img := p.imageAt(caller); img != nil {
		from = img.Path
	}
	for _, img := range where {
		if s, ok, err := find(img, name); err != nil {
			return Symbol{}, err
		} else if ok {
			return s, nil
		}
	}
	in := flatNamespace
	if len(where) > 0 && h != RTLD_DEFAULT {
		in = where[0].Path
	}
	return Symbol{}, &SymbolError{Name: name, From: from, In: in}
}

// closure lists an image and its libraries, breadth first.
func closure(img *Image) []*Image {
	out := []*Image{img}
	seen := map[*Image]bool{img: true}
	for i := 0; i < len(out); i++ {
		for _, d := range out[i].deps {
			if d != nil && !seen[d] {
				seen[d] = true
				out = append(out, d)
			}
		}
	}
	return out
}

func (p *Process) byHandle(h Handle) *Image {
	for _, img := range p.images {
		if Handle(img.Index) == h>>1 {
			return img
		}
	}
	return nil
}

func (p *Process) imageAt(addr uint64) *Image {
	for _, img := range p.images {
		if img.contains(addr) {
			return img
		}
	}
	return nil
}

// Info is what dladdr tells. SymbolAddr is 0 if no symbol is near.
type Info struct {
	Image      *Image
	Symbol     string // C name, without the underscore
	SymbolAddr uint64
}

// Dladdr says what is at an address; ok is false if no image is.
func (p *Process) Dladdr(addr uint64) (Info, bool) {
	p.mu.Lock()
	img := p.imageAt(addr)
	p.mu.Unlock()
	if img == nil {
		return Info{}, false
	}
	in := Info{Image: img}
	if s, ok := img.nearest(addr - img.Slide); ok {
		in.Symbol = strings.TrimPrefix(s.Name, "_")
		in.SymbolAddr = s.Value + img.Slide
	}
	return in, true
}
