package dyld

import (
	"slices"

	"puggle/macho"
)

// Special library ordinals, BIND_SPECIAL_DYLIB_*.
const (
	ordinalSelf = 0
	ordinalMain = -1
	ordinalFlat = -2
	ordinalWeak = -3
)

// Symbol is a definition that was found.
type Symbol struct {
	Addr        uint64
	Image       *Image
	ThreadLocal bool // Addr is the variable's descriptor
	Weak        bool // a weak definition
}

// lookup is one search; steps bounds it when re-exports go in circles.
type lookup struct {
	steps int
	seen  map[*Image]bool
}

const maxLookupSteps = 4096

// in finds name among what img exports, its re-exported libraries included.
func (l *lookup) in(img *Image, name string) (Symbol, bool, error) {
	if l.steps++; l.steps > maxLookupSteps {
		return Symbol{}, false, badImage("re-exports of %q go too deep", clip(name))
	}
	e, ok, err := img.lookup(name)
	if err != nil {
		return Symbol{}, false, inImage(img.Path, err)
	}
	if ok {
		return l.export(img, name, e)
	}
	for i := range img.File.Dylibs {
		if !img.File.Dylibs[i].Reexport() {
			continue
		}
		dep := img.deps[i]
		if dep == nil || l.seen[dep] {
			continue
		}
		if l.seen == nil {
			l.seen = map[*Image]bool{}
		}
		l.seen[dep] = true
		if s, ok, err := l.in(dep, name); ok || err != nil {
			return s, ok, err
		}
	}
	return Symbol{}, false, nil
}

func (l *lookup) export(img *Image, name string, e macho.Export) (Symbol, bool, error) {
	if e.Flags&macho.ExportReexport != 0 {
		if e.Value == 0 || e.Value > uint64(len(img.deps)) {
			return Symbol{}, false, badImage("%s: %q is re-exported from library %d, which is not there", img.Path, clip(name), e.Value)
		}
		if e.Import != "" {
			name = e.Import
		}
		dep := img.deps[e.Value-1]
		if dep == nil {
			return Symbol{}, false, nil
		}
		sub := lookup{steps: l.steps} // another name: what was seen counts no more
		s, ok, err := sub.in(dep, name)
		l.steps = sub.steps
		return s, ok, err
	}
	s := Symbol{Addr: e.Value, Image: img, Weak: e.Flags&macho.ExportWeakDef != 0}
	switch e.Flags & macho.ExportKindMask {
	case macho.ExportThreadLocal:
		s.ThreadLocal = true
		fallthrough
	case macho.ExportRegular:
		s.Addr += img.Base
	}
	return s, true, nil
}

// find is the search in one image.
func find(img *Image, name string) (Symbol, bool, error) {
	var l lookup
	return l.in(img, name)
}

// findFlat is the search in all images, in load order.
func (p *Process) findFlat(name string) (Symbol, bool, error) {
	for _, img := range p.images {
		if s, ok, err := find(img, name); ok || err != nil {
			return s, ok, err
		}
	}
	return Symbol{}, false, nil
}

// findWeak is the search for the one definition that all images share: the
// first that is not weak, else the first, among the images that take part.
func (p *Process) findWeak(name string) (Symbol, bool, error) {
	var first Symbol
	var have bool
	for _, img := range p.images {
		if img.File.Flags&(macho.FlagWeakDefines|macho.FlagBindsToWeak) == 0 {
			continue
		}
		s, ok, err := find(img, name)
		if err != nil {
			return s, false, err
		}
		if ok && !s.Weak {
			return s, true, nil
		}
		if ok && !have {
			first, have = s, true
		}
	}
	return first, have, nil
}

// flatNamespace is where a symbol was looked for that no library was named for.
const flatNamespace = "flat namespace"

// oneLevel reports whether the image was linked without the libraries of its symbols, as Go
// linked programs until 1.16, and is linked to one that a Mac has.
func (img *Image) oneLevel() bool {
	return img.File.Flags&macho.FlagTwoLevel == 0 &&
		slices.ContainsFunc(img.File.Dylibs, func(d macho.LoadDylib) bool { return systemLibrary(d.Name) })
}

// resolve finds what a reference is bound to. With coalesce, an unfound
// symbol is no error and found is false. A weak import that isn't there is
// found, at 0.
func (p *Process) resolve(img *Image, ref reference, coalesce bool) (addr uint64, found bool, err error) {
	var s Symbol
	var ok bool
	where := flatNamespace
	switch {
	case coalesce || ref.ordinal == ordinalWeak:
		if s, ok, err = p.findWeak(ref.name); !ok && err == nil && !coalesce {
			s, ok, err = p.findFlat(ref.name)
		}
	case img.flat || ref.ordinal == ordinalFlat:
		s, ok, err = p.findFlat(ref.name)
	case ref.ordinal == ordinalSelf:
		where = img.Path
		s, ok, err = find(img, ref.name)
	case ref.ordinal == ordinalMain:
		where = p.images[0].Path
		s, ok, err = find(p.images[0], ref.name)
	case ref.ordinal < 0 || ref.ordinal > len(img.deps):
		return 0, false, badImage("%s: %q is to come from library %d of %d", img.Path, clip(ref.name), ref.ordinal, len(img.deps))
	default:
		where = img.File.Dylibs[ref.ordinal-1].Name
		if dep := img.deps[ref.ordinal-1]; dep != nil {
			where = dep.Path
			s, ok, err = find(dep, ref.name)
		}
	}
	switch {
	case err != nil:
		return 0, false, err
	case ok:
		return s.Addr, true, nil
	case coalesce:
		return 0, false, nil
	case ref.weak:
		return 0, true, nil
	case ref.name == "dyld_stub_binder":
		return 0, true, nil // for lazy binding, which is done by now
	}
	miss := &SymbolError{Name: ref.name, From: img.Path, In: where, oneLevel: where == flatNamespace && img.oneLevel()}
	missing := p.standIn
	if p.opt.Missing != nil {
		missing = p.opt.Missing
	}
	if addr, ok := missing(miss); ok {
		return addr, true, nil
	}
	return 0, false, miss
}
