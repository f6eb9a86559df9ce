package dyld

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"puggle/abi"
	"puggle/macho"
)

// maxImages bounds the images of one process.
const maxImages = 1024

// Options are what differs from program to program.
type Options struct {
	ExecutablePath string // for @executable_path; the main Object's path if ""
	// As DYLD_INSERT_LIBRARIES, DYLD_LIBRARY_PATH, DYLD_FRAMEWORK_PATH and
	// DYLD_FALLBACK_LIBRARY_PATH have it, split at the colons.
	Insert, LibraryPath, FrameworkPath, FallbackPath []string
	// Shared is the region of prelinked libraries, if there is one.
	Shared *Shared
	// Missing, if set, may give an address to a symbol that nothing defines; if it
	// returns false, the load fails with the SymbolError. If it is nil, symbols of
	// absent libraries of the system's get stubs, in a Memory that is an Allocator.
	Missing func(*SymbolError) (addr uint64, ok bool)
}

// Process is the dynamic linker's view of one address space. Its methods may
// be called concurrently.
type Process struct {
	mu     sync.Mutex
	loader Loader
	opt    Options
	images []*Image // load order
	// How many there were when Load returned: dlopen adds, and Images never go.
	launched int
	byID     map[any]*Image
	byName   map[string]*Image // as asked for, and install names
	refs     map[*Image]int    // dlopen's counts
	begun    map[*Image]bool   // whose initialisers have been handed out
	due      []Call            // initialisers that NextInitialisers has found and not given yet
	next     int
	mem      Memory  // while images are completed
	absent   *absent // nil until a symbol of the system's is missing

	infos infos
}

// NewProcess makes an empty one.
func NewProcess(l Loader, opt Options) *Process {
	return &Process{loader: l, opt: opt, byID: map[any]*Image{}, byName: map[string]*Image{},
		refs: map[*Image]int{}, begun: map[*Image]bool{}}
}

// Clone is what fork does: the child has the same images.
func (p *Process) Clone() *Process {
	at, listed, changes := p.infos.clone()
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &Process{loader: p.loader, opt: p.opt, images: slices.Clone(p.images), launched: p.launched, byID: maps.Clone(p.byID),
		byName: maps.Clone(p.byName), refs: maps.Clone(p.refs), begun: maps.Clone(p.begun),
		due: slices.Clone(p.due), next: p.next, absent: p.absent.clone()}
	c.infos.at, c.infos.listed, c.infos.changes = at, listed, changes
	return c
}

// Images lists the images in load order, the main executable first.
func (p *Process) Images() []*Image {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.images)
}

// Main is the main executable; nil before Load.
func (p *Process) Main() *Image {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.images) == 0 {
		return nil
	}
	return p.images[0]
}

// Load loads the main executable and everything it needs, and binds it all.
// Errors: *ImageError, *LibraryError, *SymbolError, *macho.FormatError, and the
// Memory's and Loader's own. After an error the address space is half filled:
// exec must throw it away.
func (p *Process) Load(main *Object, mem Memory) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.images) != 0 {
		return badImage("%s: the process has a program already", main.Path)
	}
	if main.File.Type != macho.Execute {
		return badImage("%s: not an executable file", main.Path)
	}
	if p.opt.ExecutablePath == "" {
		p.opt.ExecutablePath = main.Path
	}
	img, err := p.add(main, nil)
	if err != nil {
		return err
	}
	for _, path := range p.opt.Insert {
		if path == "" {
			continue
		}
		if _, err := p.open(path, img); err != nil {
			return err
		}
	}
	err = p.finish(0, mem)
	p.launched = len(p.images)
	return err
}

// add makes an image of an object and appends it.
func (p *Process) add(o *Object, loader *Image) (*Image, error) {
	if len(p.images) >= maxImages {
		return nil, badImage("%s: more than %d images", o.Path, maxImages)
	}
	img, err := newImage(o)
	if err != nil {
		return nil, err
	}
	if p.opt.Shared != nil {
		img.Prelinked = p.opt.Shared.byID[o.id()]
	}
	p.next++
	img.Index, img.loader = p.next, loader
	p.images = append(p.images, img)
	p.byID[o.id()] = img
	if id := o.File.ID; id != nil && p.byName[id.Name] == nil {
		p.byName[id.Name] = img
	}
	return img, nil
}

// open finds the image that `from` means by name, loading it if need be (its
// dependencies follow in finish). Without an image the error is a
// *LibraryError.
func (p *Process) open(name string, from *Image) (*Image, error) {
	if img := p.byName[name]; img != nil {
		return img, nil
	}
	var tried []string
	for _, path := range p.search(name, from) {
		o := p.opt.Shared.object(path)
		var err error
		if o == nil {
			o, err = p.loader.Open(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			tried = append(tried, path)
			continue
		}
		if err != nil {
			return nil, inImage(path, err)
		}
		if same := p.opt.Shared.object(o.Path); same != nil {
			o = same // path was another name of it
		}
		img := p.byID[o.id()]
		if img == nil {
			if t := o.File.Type; t != macho.Dylib && t != macho.Bundle {
				return nil, badImage("%s: not a library", path)
			}
			if img, err = p.add(o, from); err != nil {
				return nil, err
			}
		}
		p.byName[name] = img
		return img, nil
	}
	return nil, &LibraryError{Name: name, From: from.Path, Tried: tried}
}

// finish completes the images from p.images[first] on: dependencies, mapping,
// fix-ups, protection.
func (p *Process) finish(first int, mem Memory) error {
	p.mem = mem
	defer func() { p.mem = nil }()
	for i := first; i < len(p.images); i++ { // p.images grows meanwhile
		img := p.images[i]
		img.deps = make([]*Image, len(img.File.Dylibs))
		for j := range img.File.Dylibs {
			d := &img.File.Dylibs[j]
			dep, err := p.open(d.Name, img)
			var none *LibraryError
			if err != nil && !(errors.As(err, &none) && (d.Weak() || p.canStandIn(mem, d.Name))) {
				return err
			}
			img.deps[j] = dep
		}
	}
	for _, img := range p.images[first:] {
		if err := img.place(mem); err != nil {
			return err
		}
	}
	for _, img := range p.images[first:] {
		if img.Prelinked != nil {
			continue
		}
		if err := p.fixUp(img, mem); err != nil {
			return err
		}
	}
	return p.seal()
}

// place has an image mapped.
func (img *Image) place(mem Memory) error {
	slide, err := mem.Map(img)
	if err != nil {
		return inImage(img.Path, err)
	}
	img.mapped = true
	switch {
	case img.Prelinked != nil && slide != img.Prelinked.Slide,
		slide != 0 && !img.Slidable(), slide%PageSize != 0:
		return badImage("%s: mapped with a slide of %#x", img.Path, slide)
	}
	img.Slide = slide
	img.Base = headerAddr(img.File) + slide
	return nil
}

func (p *Process) fixUp(img *Image, mem Memory) error {
	var err error
	switch {
	case img.File.ChainedFixups != nil:
		err = p.bindChained(img, mem)
	case img.File.DyldInfo != nil:
		err = p.bindDyldInfo(img, mem)
	default:
		err = p.bindClassic(img, mem)
	}
	var sym *SymbolError
	if errors.As(err, &sym) {
		return sym // it names its images
	}
	if err != nil {
		return inImage(img.Path, err)
	}
	for i := range img.Segments {
		if s := &img.Segments[i]; s.ReadOnlyAfter {
			if err := mem.Protect(s.Addr+img.Slide, s.Size, abi.VM_PROT_READ); err != nil {
				return inImage(img.Path, err)
			}
		}
	}
	return nil
}
