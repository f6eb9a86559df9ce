package kext

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sort"
	"strings"

	"puggle/macho"
)

// FrameLimit is how many bytes of local variables a function may have without Check minding: an
// eighth of a kernel thread's stack.
const FrameLimit = 2 << 10

// maxFunctions bounds an object that Check looks at.
const maxFunctions = 10_000

// relocBranch is X86_64_RELOC_BRANCH.
const relocBranch = 2

// function is a piece of code that has a name.
type function struct {
	name  string
	sect  int // 1-based
	addr  uint64
	code  []byte
	calls []int
	done  bool
}

// Check looks at a relocatable object for what kernel code should not do (Writing Loadable Kernel
// Servers, chapter 2; Kernel Programming, chapter 5): functions that call themselves, directly or through
// others of the object, and functions whose locals take more than limit bytes. Each finding is a line. Calls
// through pointers are not seen, nor are frames that are made in another way than by one instruction.
func Check(obj []byte, limit int) (findings []string, err error) {
	f, err := macho.Parse(bytes.NewReader(obj), int64(len(obj)), macho.Limits{})
	if err != nil {
		return nil, err
	}
	fns, err := functions(f)
	if err != nil {
		return nil, err
	}
	for i := range fns {
		fn := &fns[i]
		if n := fn.frame(); n > limit {
			findings = append(findings, fmt.Sprintf("%s: %d bytes of local variables: more than %d", fn.name, n, limit))
		}
	}
	for i := range fns {
		if path := cycle(fns, i); path != nil {
			findings = append(findings, "recursion: "+strings.Join(path, " calls "))
		}
	}
	return findings, nil
}

// functions are those of the object, by section and address, with whom they call.
func functions(f *macho.File) ([]function, error) {
	syms, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	var fns []function
	for _, s := range syms {
		if s.Stab() || s.Type&macho.NType != macho.NSect || int(s.Sect) > len(f.Sections) || s.Sect == 0 || f.Sections[s.Sect-1].Name != "__text" {
			continue
		}
		fns = append(fns, function{name: strings.TrimPrefix(s.Name, "_"), sect: int(s.Sect), addr: s.Value})
	}
	sort.SliceStable(fns, func(i, j int) bool {
		return fns[i].sect < fns[j].sect || fns[i].sect == fns[j].sect && fns[i].addr < fns[j].addr
	})
	if len(fns) > maxFunctions {
		return nil, fmt.Errorf("more than %d functions", maxFunctions)
	}
	at := map[[2]uint64]int{} // the first of those at an address
	for i := range fns {
		fn := &fns[i]
		k := [2]uint64{uint64(fn.sect), fn.addr}
		if _, ok := at[k]; !ok {
			at[k] = i
		}
	}
	for n := range f.Sections {
		s := &f.Sections[n]
		if s.Name != "__text" {
			continue
		}
		data, err := f.SectionData(s)
		if err != nil {
			return nil, err
		}
		relocs, err := f.Relocs(s)
		if err != nil {
			return nil, err
		}
		first := sort.Search(len(fns), func(i int) bool { return fns[i].sect >= n+1 })
		last := sort.Search(len(fns), func(i int) bool { return fns[i].sect > n+1 })
		for i := first; i < last; i++ {
			end := s.Addr + uint64(len(data))
			if i+1 < last {
				end = fns[i+1].addr
			}
			if fns[i].addr >= s.Addr && fns[i].addr <= end && end-s.Addr <= uint64(len(data)) {
				fns[i].code = data[fns[i].addr-s.Addr : end-s.Addr]
			}
			fns[i].callsItself(i)
		}
		for _, r := range relocs {
			if r.Type != relocBranch || !r.Extern || int(r.Symbol) >= len(syms) {
				continue
			}
			from := sort.Search(last-first, func(i int) bool { return fns[first+i].addr > s.Addr+uint64(r.Addr) }) + first - 1
			to := syms[r.Symbol]
			if k, ok := at[[2]uint64{uint64(to.Sect), to.Value}]; ok && from >= first && to.Type&macho.NType == macho.NSect {
				fns[from].calls = append(fns[from].calls, k)
			}
		}
	}
	return fns, nil
}

// callsItself finds calls of the function's own beginning, for which an assembler needs no relocation.
func (fn *function) callsItself(self int) {
	for i := 0; i+5 <= len(fn.code); i++ {
		if fn.code[i] == 0xe8 && int64(i+5)+int64(int32(binary.LittleEndian.Uint32(fn.code[i+1:]))) == 0 {
			fn.calls = append(fn.calls, self)
			return
		}
	}
}

// frame is what the function takes off the stack pointer at its beginning, in bytes.
func (fn *function) frame() int {
	const within = 64
	code := fn.code[:min(len(fn.code), within)]
	if i := bytes.Index(code, []byte{0x48, 0x81, 0xec}); i >= 0 && i+7 <= len(code) {
		return int(int32(binary.LittleEndian.Uint32(code[i+3:])))
	}
	return 0
}

// cycle gives the shortest way from function i back to itself, nil if there is none or it has been
// told of already as a part of another's.
func cycle(fns []function, i int) []string {
	if fns[i].done {
		return nil
	}
	from := map[int]int{}
	queue := []int{i}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, to := range fns[at].calls {
			if to == i {
				path := []string{fns[i].name}
				for ; at != i; at = from[at] {
					path = append(path, fns[at].name)
					fns[at].done = true
				}
				path = append(path, fns[i].name)
				for a, b := 0, len(path)-1; a < b; a, b = a+1, b-1 {
					path[a], path[b] = path[b], path[a]
				}
				return path
			}
			if _, seen := from[to]; !seen {
				from[to] = at
				queue = append(queue, to)
			}
		}
	}
	return nil
}
