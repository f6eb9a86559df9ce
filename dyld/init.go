package dyld

import (
	"encoding/binary"

	"puggle/macho"
)

// Call is a function of the guest to call: an initialiser with (argc, argv,
// envp, apple, NULL), a terminator with nothing.
type Call struct {
	Addr  uint64
	Image *Image
}

// maxInits bounds the initialisers of one image.
const maxInits = 1 << 16

// Initialisers lists the initialisers that have not been listed yet, in the
// order to call them: an image's libraries before itself (upward ones excepted),
// inserted libraries before the program. Reading them needs the Memory.
func (p *Process) Initialisers(mem Memory) ([]Call, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.initialisers(mem)
}

// NextInitialisers is Initialisers in parts: at most n at a time; none when all
// have been listed.
func (p *Process) NextInitialisers(mem Memory, n int) ([]Call, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	more, err := p.initialisers(mem)
	p.due = append(p.due, more...)
	n = min(n, len(p.due))
	calls := p.due[:n:n]
	p.due = p.due[n:]
	return calls, err
}

func (p *Process) initialisers(mem Memory) ([]Call, error) {
	var calls []Call
	var visit func(img *Image) error
	visit = func(img *Image) error {
		if p.begun[img] {
			return nil
		}
		p.begun[img] = true
		for i, dep := range img.deps {
			if dep == nil || img.File.Dylibs[i].Upward() {
				continue
			}
			if err := visit(dep); err != nil {
				return err
			}
		}
		return img.initialisers(mem, &calls)
	}
	// Upward libraries, and what was inserted, are reached from the list; the
	// program itself comes last of those that came with it.
	for i := 1; i < len(p.images); i++ {
		if p.images[i].loader == p.images[0] && !p.isDep(p.images[i]) {
			if err := visit(p.images[i]); err != nil {
				return nil, err
			}
		}
	}
	for _, img := range p.images {
		if err := visit(img); err != nil {
			return nil, err
		}
	}
	return calls, nil
}

// isDep reports whether the program names the image as a library of its own.
func (p *Process) isDep(img *Image) bool {
	for _, d := range p.images[0].deps {
		if d == img {
			return true
		}
	}
	return false
}

func (img *Image) initialisers(mem Memory, calls *[]Call) error {
	if r := img.File.InitRoutine; r != 0 {
		if err := img.call(calls, r+img.Slide, "initialiser"); err != nil {
			return err
		}
	}
	for i := range img.File.Sections {
		s := &img.File.Sections[i]
		if t := s.Type(); t == macho.SectModInitFuncs || t == macho.SectInitFuncOffsets {
			if err := img.functions(mem, s, calls, "initialiser"); err != nil {
				return err
			}
		}
	}
	return nil
}

// Terminators lists the terminators of all images whose initialisers were
// listed, last image first. C++ destructors are not among them: these
// register with __cxa_atexit.
func (p *Process) Terminators(mem Memory) ([]Call, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var calls []Call
	for i := len(p.images) - 1; i >= 0; i-- {
		img := p.images[i]
		for j := len(img.File.Sections) - 1; j >= 0 && p.begun[img]; j-- {
			s := &img.File.Sections[j]
			if s.Type() != macho.SectModTermFuncs {
				continue
			}
			first := len(calls)
			if err := img.functions(mem, s, &calls, "terminator"); err != nil {
				return nil, err
			}
			for a, b := first, len(calls)-1; a < b; a, b = a+1, b-1 {
				calls[a], calls[b] = calls[b], calls[a]
			}
		}
	}
	return calls, nil
}

// functions reads a section of (bound) pointers or of 32-bit offsets.
func (img *Image) functions(mem Memory, s *macho.Section, calls *[]Call, what string) error {
	size := uint64(8)
	if s.Type() == macho.SectInitFuncOffsets {
		size = 4
	}
	if seg := img.segmentAt(s.Addr, s.Size); seg == nil || s.Size%size != 0 || s.Size/size > maxInits {
		return badImage("%s: the section of %ss is malformed", img.Path, what)
	}
	b := make([]byte, s.Size)
	if err := mem.Read(s.Addr+img.Slide, b); err != nil {
		return inImage(img.Path, err)
	}
	for ; len(b) > 0; b = b[size:] {
		var addr uint64
		if size == 4 {
			addr = img.Base + uint64(binary.LittleEndian.Uint32(b))
		} else {
			addr = get64(b)
		}
		if err := img.call(calls, addr, what); err != nil {
			return err
		}
	}
	return nil
}

func (img *Image) call(calls *[]Call, addr uint64, what string) error {
	if !img.contains(addr) {
		return badImage("%s: %s %#x lies outside the image", img.Path, what, addr)
	}
	*calls = append(*calls, Call{addr, img})
	return nil
}
