package dyld

import (
	"sort"
	"strings"
	"sync"

	"puggle/macho"
)

// Object is an opened Mach-O file: what does not depend on a process. It may
// be shared by processes.
type Object struct {
	Path  string // where it was found
	File  *macho.File
	Slice macho.Slice // where File stands in a fat file
	// ID tells files apart: two Objects with equal IDs are one image in a
	// process. It must be comparable. nil means that Path is the identity.
	ID any
	// Vnode is the loader's own: what Memory.Map needs to map the file.
	Vnode any

	exportsOnce sync.Once
	trie        macho.Trie
	table       map[string]macho.Symbol // exports by symbol table, if there is no trie
	exportsErr  error

	dataMu sync.Mutex
	kept   map[macho.Range][]byte // fix-ups that have been read
	room   uint64                 // bytes that kept has

	symsOnce sync.Once
	syms     []macho.Symbol // all defined, by address
}

func (o *Object) id() any {
	if o.ID != nil {
		return o.ID
	}
	return o.Path
}

// keptMost is how many bytes of a file's fix-ups are kept, so that the next process
// that runs it needs not read them.
const keptMost = 64 << 10

// data is File.Data for what every process reads. The bytes are shared: nobody changes them.
func (o *Object) data(r macho.Range) ([]byte, error) {
	o.dataMu.Lock()
	b, ok := o.kept[r]
	o.dataMu.Unlock()
	if ok {
		return b, nil
	}
	b, err := o.File.Data(r)
	if err != nil {
		return nil, err
	}
	o.dataMu.Lock()
	defer o.dataMu.Unlock()
	if n := uint64(len(b)); o.kept[r] == nil && n <= keptMost-o.room {
		if o.kept == nil {
			o.kept = make(map[macho.Range][]byte)
		}
		o.kept[r] = b
		o.room += n
	}
	return b, nil
}

// Export gives what the symbol stands for in an image of o: an offset from its header.
// false if o does not export it, or not as a plain symbol.
func (o *Object) Export(name string) (offset uint64, ok bool) {
	e, ok, err := o.lookup(name)
	return e.Value, ok && err == nil && e.Flags&(macho.ExportKindMask|macho.ExportReexport) == macho.ExportRegular
}

// lookup finds an export.
func (o *Object) lookup(name string) (macho.Export, bool, error) {
	o.exportsOnce.Do(o.readExports)
	if o.exportsErr != nil {
		return macho.Export{}, false, o.exportsErr
	}
	if o.trie != nil {
		return o.trie.Lookup(name)
	}
	s, ok := o.table[name]
	if !ok {
		return macho.Export{}, false, nil
	}
	e := macho.Export{Name: name, Value: s.Value}
	e.Flags = macho.ExportAbsolute // turned into an offset below unless it is absolute
	if s.Type&macho.NType == macho.NSect {
		e.Flags = macho.ExportRegular
		if sect := &o.File.Sections[s.Sect-1]; sect.Type() == macho.SectThreadVariables {
			e.Flags = macho.ExportThreadLocal
		}
		e.Value -= headerAddr(o.File)
	}
	if s.Desc&macho.NWeakDef != 0 {
		e.Flags |= macho.ExportWeakDef
	}
	return e, true, nil
}

func (o *Object) readExports() {
	if o.trie, o.exportsErr = o.File.Trie(); o.exportsErr != nil || o.trie != nil {
		return
	}
	syms, err := o.File.DefinedSymbols()
	if err != nil {
		o.exportsErr = err
		return
	}
	o.table = map[string]macho.Symbol{}
	for _, s := range syms {
		if s.External() && s.Defined() && s.Type&macho.NPext == 0 {
			o.table[s.Name] = s
		}
	}
}

// nearest finds the defined symbol at or below an unslid address, for dladdr
// and back-traces. Symbols of other sections than the address's own don't count.
func (o *Object) nearest(addr uint64) (macho.Symbol, bool) {
	o.symsOnce.Do(func() {
		all, err := o.File.Symbols()
		if err != nil {
			return // no names, then; dladdr still knows the image
		}
		for _, s := range all {
			if s.Defined() && s.Sect != 0 && s.Name != "" && !strings.HasPrefix(s.Name, "ltmp") {
				o.syms = append(o.syms, s)
			}
		}
		sort.SliceStable(o.syms, func(i, j int) bool { return o.syms[i].Value < o.syms[j].Value })
	})
	i := sort.Search(len(o.syms), func(i int) bool { return o.syms[i].Value > addr }) - 1
	if i < 0 {
		return macho.Symbol{}, false
	}
	s := o.syms[i]
	if sect := &o.File.Sections[s.Sect-1]; addr-sect.Addr >= sect.Size {
		return macho.Symbol{}, false
	}
	return s, true
}

// headerAddr is the unslid address of the mach header: of the segment that
// maps the beginning of the file.
func headerAddr(f *macho.File) uint64 {
	for i := range f.Segments {
		if s := &f.Segments[i]; s.FileOff == 0 && s.FileSize != 0 && s.VMSize != 0 {
			return s.VMAddr
		}
	}
	return 0
}
