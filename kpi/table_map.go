package kpi

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/mach/vm"
)

func init() {
	register("vm/vm_map.h", "2002", "mach unsupported", []Row{
		{Name: "mach_make_memory_entry_64", Proto: "kern_return_t mach_make_memory_entry_64(vm_map_t target_map, memory_object_size_t *size, memory_object_offset_t offset, vm_prot_t permission, ipc_port_t *object_handle, ipc_port_t parent_handle)", Handler: makeMemoryEntry, Note: "no parent, and of the flags only MAP_MEM_NAMED_CREATE"},
		{Name: "mach_memory_entry_port_release", Since: "2006", Proto: "void mach_memory_entry_port_release(ipc_port_t port)", Handler: memoryEntryRelease},
		{Name: "vm_map", Proto: "kern_return_t vm_map(vm_map_t target_map, vm_offset_t *address, vm_size_t size, vm_offset_t mask, int flags, ipc_port_t port, vm_offset_t offset, boolean_t copy, vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance)", Handler: vmMap, Note: "of a memory entry"},
		{Name: "vm_deallocate", Proto: "kern_return_t vm_deallocate(vm_map_t map, vm_offset_t start, vm_size_t size)", Handler: vmDeallocate, Note: "in kernel_map, of what vm_map has mapped, all of it"},
	})
}

// memoryEntry is a named entry in the hands of code: an ipc_port_t.
type memoryEntry struct {
	*vm.NamedEntry
	mu   sync.RWMutex // a release waits for who maps it
	gone bool
}

// enter maps the entry; KERN_INVALID_OBJECT when it was released.
func (e *memoryEntry) enter(m *vm.Map, spec vm.MapSpec) (Addr, abi.KernReturn) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.gone {
		return 0, abi.KERN_INVALID_OBJECT
	}
	return m.EnterNamed(e.NamedEntry, spec)
}

// window is a memory entry that is mapped in the kernel.
type mapWindow struct {
	at     Addr
	size   uint64
	charge int64 // against maxWindowBytes
}

// Bounds of what code may have at a time: entries, and windows and the bytes in them.
const (
	maxMemoryEntries = 4096
	maxMapWindows    = 4096
	maxWindowBytes   = 1 << 32
)

// sharing counts them.
type sharing struct {
	entries, windows, bytes atomic.Int64
}

// take adds n to v if that is not more than max.
func take(v *atomic.Int64, n, max int64) bool {
	if v.Add(n) > max {
		v.Add(-n)
		return false
	}
	return true
}

// mapAt gives the map that an argument names: kernel_map, or current_map() of a program.
func (c *Call) mapAt(i int) *vm.Map {
	if c.Addr(i) == c.K.taskHandle {
		return c.K.Map
	}
	m, _ := c.K.handle.get(c.Addr(i)).(*vm.Map)
	return m
}

// makeMemoryEntry names memory of a program's or of the kernel's. KERN_INVALID_ARGUMENT for
// no map, KERN_RESOURCE_SHORTAGE, and what vm.Map.MakeMemoryEntry says.
func makeMemoryEntry(c *Call) uint64 {
	m := c.mapAt(0)
	size, ok := c.K.U64(c.Addr(1))
	switch {
	case !ok:
		return c.Panic("mach_make_memory_entry_64: the size can't be read")
	case m == nil || c.Addr(5) != 0, c.U32(3)&^uint32(abi.VM_PROT_ALL|abi.MAP_MEM_NAMED_CREATE) != 0:
		return kr(abi.KERN_INVALID_ARGUMENT)
	case !c.maySleep():
		return 0
	case !take(&c.K.sharing.entries, 1, maxMemoryEntries):
		return kr(abi.KERN_RESOURCE_SHORTAGE)
	}
	n, r := m.MakeMemoryEntry(c.Addr(2), size, abi.Prot(c.U32(3))&abi.VM_PROT_ALL, int(c.U32(3)&abi.MAP_MEM_NAMED_CREATE))
	if r != abi.KERN_SUCCESS {
		c.K.sharing.entries.Add(-1)
		return kr(r)
	}
	e := &memoryEntry{NamedEntry: n}
	h := c.K.handle.put(e)
	if h == 0 {
		c.K.releaseEntry(e)
		return kr(abi.KERN_RESOURCE_SHORTAGE)
	}
	k := c.K
	k.AddReference("memory entry", h, hex(h), func(*sched.Thread) {
		if k.handle.take(h, e) {
			k.DropReference("memory entry", h)
			k.releaseEntry(e)
		}
	}, c.Caller())
	c.Put64(c.Addr(1), n.Asked(size))
	c.Put64(c.Addr(4), uint64(h))
	return 0
}

func (k *KernelTask) releaseEntry(e *memoryEntry) {
	e.mu.Lock()
	e.gone = true
	e.Release()
	e.mu.Unlock()
	k.sharing.entries.Add(-1)
}

func memoryEntryRelease(c *Call) uint64 {
	h := c.Addr(0)
	e, ok := c.K.handle.get(h).(*memoryEntry)
	if !ok || !c.K.handle.take(h, e) {
		return c.Panic("mach_memory_entry_port_release: " + hex(h) + " is no memory entry, or one that was released")
	}
	c.K.DropReference("memory entry", h)
	c.K.releaseEntry(e)
	return 0
}

// vmMap maps a memory entry in the kernel or in the program that the thread works for.
// KERN_INVALID_ARGUMENT, KERN_INVALID_OBJECT for what is no entry, KERN_RESOURCE_SHORTAGE,
// and what vm.Map.EnterNamed says.
func vmMap(c *Call) uint64 {
	m := c.mapAt(0)
	at, ok := c.K.U64(c.Addr(1))
	e, isEntry := c.K.handle.get(c.Addr(5)).(*memoryEntry)
	cur, max, in := abi.Prot(c.U32(8)), abi.Prot(c.U32(9)), abi.VMInherit(c.U32(10))
	flags := vm.Flags(c.U32(4))
	switch {
	case !ok:
		return c.Panic("vm_map: the address can't be read")
	case m == nil, (cur|max)&^abi.VM_PROT_ALL != 0, in > abi.VM_INHERIT_NONE, flags&^vm.MapFlags != 0:
		return kr(abi.KERN_INVALID_ARGUMENT)
	case !isEntry:
		return kr(abi.KERN_INVALID_OBJECT)
	case m == c.K.Map && (flags&vm.Anywhere == 0 || flags&vm.Overwrite != 0 || max&abi.VM_PROT_EXECUTE != 0):
		return kr(abi.KERN_INVALID_ARGUMENT) // the kernel's places are not its code's to choose
	case !c.maySleep():
		return 0
	}
	spec := vm.MapSpec{Addr: Addr(at), Size: c.Arg(2), Mask: c.Arg(3), Flags: flags, Offset: c.Arg(6), Copy: c.U32(7) != 0, Cur: cur, Max: max, Inherit: in}
	if m != c.K.Map {
		a, r := e.enter(m, spec)
		if r == abi.KERN_SUCCESS {
			c.Put64(c.Addr(1), uint64(a))
		}
		return kr(r)
	}
	spec.Addr = 0
	s := &c.K.sharing
	size := int64(min(e.Size(), maxWindowBytes+1)) // the most that is mapped
	if !take(&s.windows, 1, maxMapWindows) {
		return kr(abi.KERN_RESOURCE_SHORTAGE)
	}
	if !take(&s.bytes, size, maxWindowBytes) {
		s.windows.Add(-1)
		return kr(abi.KERN_RESOURCE_SHORTAGE)
	}
	a, r := e.enter(m, spec)
	if r != abi.KERN_SUCCESS {
		s.windows.Add(-1)
		s.bytes.Add(-size)
		return kr(r)
	}
	mapped := spec.Size
	if mapped == 0 {
		mapped = e.Size() - spec.Offset
	}
	w := &mapWindow{a.Trunc(), uint64((a + Addr(mapped)).Round() - a.Trunc()), size}
	c.K.mu.Lock()
	if c.K.windows == nil {
		c.K.windows = map[Addr]*mapWindow{}
	}
	c.K.windows[w.at] = w
	c.K.mu.Unlock()
	c.K.AddReference("vm_map", w.at, hex(a), func(*sched.Thread) { c.K.closeWindow(w) }, c.Caller())
	c.Put64(c.Addr(1), uint64(a))
	return 0
}

// closeWindow takes a mapping of the kernel's away; false if it was gone.
func (k *KernelTask) closeWindow(w *mapWindow) bool {
	k.mu.Lock()
	ok := k.windows[w.at] == w
	if ok {
		delete(k.windows, w.at)
	}
	k.mu.Unlock()
	if !ok {
		return false
	}
	k.DropReference("vm_map", w.at)
	k.Map.Deallocate(w.at, w.size)
	k.sharing.windows.Add(-1)
	k.sharing.bytes.Add(-w.charge)
	return true
}

// vmDeallocate gives memory of a program back, or a mapping of the kernel's:
// KERN_INVALID_ADDRESS for what is not the whole of one.
func vmDeallocate(c *Call) uint64 {
	m := c.mapAt(0)
	switch {
	case m == nil:
		return kr(abi.KERN_INVALID_ARGUMENT)
	case !c.maySleep():
		return 0
	case m != c.K.Map:
		return kr(m.Deallocate(c.Addr(1), c.Arg(2)))
	}
	c.K.mu.Lock()
	w := c.K.windows[c.Addr(1).Trunc()]
	c.K.mu.Unlock()
	if w == nil || uint64((c.Addr(1)+Addr(c.Arg(2))).Round()-w.at) != w.size || !c.K.closeWindow(w) {
		return kr(abi.KERN_INVALID_ADDRESS)
	}
	return 0
}
