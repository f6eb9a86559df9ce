package kpi

import (
	"sort"
	"strings"

	"puggle/debug"
	"puggle/libkern"
	"puggle/machine"
)

// maxBreaks bounds the breakpoints.
const maxBreaks = 1024

// poke writes to kernel memory, text too.
func (k *KernelTask) poke(a Addr, b []byte) bool { return k.Map.CopyOutForce(a, b) == 0 }

// Read is debug.Target's.
func (d *Debugger) Read(b []byte, a Addr) int {
	n := 0
	for n < len(b) {
		// Page by page: what there is of it.
		m := min(len(b)-n, machine.PageSize-int((a+Addr(n))&machine.PageMask))
		if !d.k.Read(b[n:n+m], a+Addr(n)) {
			break
		}
		n += m
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for at, was := range d.breaks {
		if at >= a && uint64(at-a) < uint64(n) && (d.step == nil || d.step.lifted != at) {
			b[at-a] = was
		}
	}
	return n
}

// ReadPhysical is the function of that name, of the machine's memory. Breakpoints show.
func (d *Debugger) ReadPhysical(b []byte, addr uint64) int {
	return ReadPhysical(d.k.cfg.Tasks.Machine.Memory(), b, addr)
}

// ReadPhysical reads memory by its physical address, in one page, and gives how many bytes there
// were: none where a page was never touched, or is paged out. It touches none.
func ReadPhysical(mem machine.Memory, b []byte, addr uint64) int {
	r, ok := mem.(interface {
		NextResident(p machine.Phys, n uint64) (machine.Phys, uint64, bool)
	})
	page := machine.Phys(addr &^ machine.PageMask)
	if !ok || addr >= 1<<63 {
		return 0
	}
	if at, _, ok := r.NextResident(page, machine.PageSize); !ok || at != page {
		return 0
	}
	n := min(len(b), machine.PageSize-int(addr&machine.PageMask))
	return copy(b, mem.Bytes(machine.Phys(addr), uint64(n)))
}

// Write is debug.Target's.
func (d *Debugger) Write(a Addr, b []byte) error {
	if !d.stopping.Load() {
		return debug.ErrRunning
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	b = append([]byte(nil), b...)
	under := map[Addr]byte{}
	for at := range d.breaks {
		if at >= a && uint64(at-a) < uint64(len(b)) {
			under[at] = b[at-a]
			b[at-a] = 0xcc
		}
	}
	if !d.k.poke(a, b) {
		return debug.ErrAddress
	}
	for at, v := range under {
		d.breaks[at] = v
	}
	return nil
}

// SetBreak is debug.Target's. Of the kernel's own stubs, only the first instruction can
// have one: the others are not code that can be stepped over.
func (d *Debugger) SetBreak(a Addr) error {
	if !d.stopping.Load() {
		return debug.ErrRunning
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.breaks[a]; ok {
		return nil
	}
	if len(d.breaks) >= maxBreaks || d.k.inStub(a) && (a-d.k.stubs)%stubSize != 0 || !d.k.isText(a) {
		return debug.ErrBreak
	}
	var b [1]byte
	if !d.k.Read(b[:], a) || !d.k.poke(a, []byte{0xcc}) {
		return debug.ErrAddress
	}
	d.breaks[a] = b[0]
	return nil
}

// isText says whether a is in code that is executed: there a breakpoint is no accident.
func (k *KernelTask) isText(a Addr) bool {
	if k.inStub(a) {
		return a >= k.stubs+stubSize // not where upcalls return to
	}
	img := k.rt
	if !k.inRuntime(a) {
		e := k.extensionAt(a)
		if e == nil {
			return false
		}
		img = e.Image
	}
	for i := range img.Segments {
		if s := &img.Segments[i]; uint64(a)-s.Addr < s.Size {
			return s.Prot&4 != 0 // VM_PROT_EXECUTE
		}
	}
	return false
}

// ClearBreak is debug.Target's.
func (d *Debugger) ClearBreak(a Addr) error {
	if !d.stopping.Load() {
		return debug.ErrRunning
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	was, ok := d.breaks[a]
	if !ok {
		return nil
	}
	delete(d.breaks, a)
	if !d.k.poke(a, []byte{was}) {
		return debug.ErrAddress
	}
	return nil
}

// Breaks is debug.Target's.
func (d *Debugger) Breaks() []Addr {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := make([]Addr, 0, len(d.breaks))
	for a := range d.breaks {
		l = append(l, a)
	}
	sort.Slice(l, func(i, j int) bool { return l[i] < l[j] })
	return l
}

// forget drops the breakpoints of an extension that goes.
func (d *Debugger) forget(e *Extension) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for a := range d.breaks {
		if e.Contains(a) {
			delete(d.breaks, a)
		}
	}
}

// Symbolize is debug.Target's.
func (d *Debugger) Symbolize(a Addr) string { return d.k.Symbolize(a) }

// Symbol is debug.Target's: NAME, or EXTENSION`NAME. Local names count, the first
// extension's in the order of addresses.
func (d *Debugger) Symbol(name string) (Addr, bool) {
	where, sym, ok := strings.Cut(name, "`")
	if !ok {
		where, sym = "", name
	}
	for _, e := range d.k.Extensions() {
		if where != "" && where != e.Name {
			continue
		}
		for i := range e.Image.Symbols {
			if s := &e.Image.Symbols[i]; s.Name == "_"+sym {
				return Addr(s.Addr), true
			}
		}
	}
	if where == "" || where == "kernel" {
		if a, ok := d.k.Resolve("_" + sym); ok {
			return Addr(a), true
		}
	}
	return 0, false
}

// Extensions is debug.Target's. What is just being loaded, and kernel servers, have no
// number.
func (d *Debugger) Extensions() []debug.Extension {
	var l []debug.Extension
	known := map[Addr]bool{}
	if d.k.cfg.Loaded != nil {
		l = d.k.cfg.Loaded()
		for _, e := range l {
			known[e.Base] = true
		}
	}
	for _, e := range d.k.Extensions() {
		if !known[Addr(e.Image.Base)] {
			l = append(l, debug.Extension{ID: e.Name, Base: Addr(e.Image.Base), Size: e.Image.Size})
		}
	}
	return l
}

// Messages is debug.Target's.
func (d *Debugger) Messages() string { return d.k.Messages.String() }

// Flags and SetFlags are debug.Target's.
func (d *Debugger) Flags() uint64     { return d.k.flags.Load() }
func (d *Debugger) SetFlags(v uint64) { d.k.flags.Store(v) }

// SymbolFiles are ELF files for debuggers of the host, by name: of the kernel's own code,
// with the KPI's calls, and of each extension.
func (d *Debugger) SymbolFiles() map[string][]byte {
	var calls []libkern.Symbol
	for i := range table {
		if table[i].Handler != nil {
			calls = append(calls, libkern.Symbol{Name: table[i].Symbol(), Addr: uint64(d.k.stubAddr(i))})
		}
	}
	m := map[string][]byte{"mach_kernel": d.k.rt.ELF(calls)}
	for _, e := range d.k.Extensions() {
		m[e.Name] = e.Image.ELF(nil)
	}
	return m
}
