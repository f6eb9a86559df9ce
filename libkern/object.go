package libkern

import (
	"bytes"

	"puggle/macho"
)

// limits are tighter than a program's: kernel extensions are small.
var limits = macho.Limits{
	Commands: 1024, CommandBytes: 1 << 20, Sections: 1024, Symbols: 1 << 20,
	Relocs: 1 << 20, LinkEdit: MaxImage, Slices: 32,
}

// object is one input.
type object struct {
	file  *macho.File
	syms  []macho.Symbol
	sects []inSection // as file.Sections
}

// inSection is where a section of an input goes.
type inSection struct {
	out    int // place in Plan.sections, -1 if it isn't loaded
	off    uint64
	relocs []macho.Reloc
}

const relocSize = 8 // a relocation in the file, bytes

func open(b []byte) (*macho.File, error) {
	f, _, err := macho.Open(bytes.NewReader(b), int64(len(b)), macho.CPUX86_64, limits)
	return f, err
}

func readObject(f *macho.File) (*object, error) {
	if f.Type != macho.Object {
		return nil, bad("a file of type %d can't be linked (only MH_OBJECT, or one bundle)", f.Type)
	}
	o := &object{file: f, sects: make([]inSection, len(f.Sections))}
	var err error
	if o.syms, err = f.Symbols(); err != nil {
		return nil, err
	}
	for i := range o.syms {
		s := &o.syms[i]
		if s.Stab() || s.Type&macho.NType != macho.NSect {
			continue
		}
		if sect := &f.Sections[s.Sect-1]; s.Value < sect.Addr || s.Value-sect.Addr > sect.Size {
			return nil, bad("symbol %q lies outside its section %s,%s", clip(s.Name), sect.Seg, sect.Name)
		}
	}
	// Sections may name the same relocations: without a bound, a small file would
	// ask for as much work as for its square.
	relocs := int64(0)
	for i := range f.Sections {
		o.sects[i].out = -1
		if relocs += int64(f.Sections[i].NReloc); relocs > f.Size/relocSize {
			return nil, bad("the sections' relocations overlap")
		}
		if o.sects[i].relocs, err = f.Relocs(&f.Sections[i]); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Groups of sections, in the order of layout.
const (
	groupText = iota
	groupConst
	groupData
	groupZero
	groups
	groupDebug = groups // in the symbol file only
	groupNone  = -1
)

// group says where a section goes.
func group(s *macho.Section) int {
	switch {
	case s.Seg == "__DWARF":
		return groupDebug
	case s.Flags&macho.AttrDebug != 0, s.Seg == "__LD", s.Name == "__eh_frame" && s.Seg == "__TEXT",
		s.Seg == "__LLVM":
		return groupNone
	case s.Zerofill():
		return groupZero
	case s.Seg == "__TEXT" && s.Flags&(macho.AttrPureInstructions|macho.AttrSomeInstructions) != 0:
		return groupText
	case s.Seg == "__TEXT", s.Seg == "__DATA" && s.Name == "__const", s.Seg == "__DATA_CONST", isInit(s), isFini(s):
		return groupConst
	}
	return groupData
}

// Constructor lists have a section type; the sections of old compilers for
// kernel code have names only.
func isInit(s *macho.Section) bool {
	return s.Type() == macho.SectModInitFuncs || s.Name == "__constructor"
}

func isFini(s *macho.Section) bool {
	return s.Type() == macho.SectModTermFuncs || s.Name == "__destructor"
}
