package kpi

import (
	"sort"

	"puggle/abi"
	"puggle/mach/vm"
	"puggle/machine"
)

func init() {
	register("sys/malloc.h", "2002", "bsd", []Row{
		{Name: "_MALLOC", Proto: "void *_MALLOC(size_t size, int type, int flags)", Handler: bsdMalloc, Note: "M_WAITOK: NULL for what there never is, and when a signal ends the wait"},
		{Name: "_FREE", Proto: "void _FREE(void *addr, int type)", Handler: bsdFree},
		{Name: "_REALLOC", Proto: "void *_REALLOC(void *addr, size_t size, int type, int flags)", Handler: bsdRealloc, Since: "2006"},
		{Name: "_MALLOC_ZONE", Proto: "void *_MALLOC_ZONE(size_t size, int type, int flags)", Handler: bsdMalloc},
		{Name: "_FREE_ZONE", Proto: "void _FREE_ZONE(void *addr, size_t size, int type)", Handler: bsdFreeZone},
	})
	register("kern/kalloc.h", "1990", "mach unsupported", []Row{
		{Name: "kalloc", Proto: "void *kalloc(vm_size_t size)", Handler: alloc(kindKalloc, maySleepAlloc)},
		{Name: "kget", Proto: "void *kget(int size)", Handler: kget, Note: "less than a page; doesn't sleep"},
		{Name: "kfree", Proto: "void kfree(void *addr, vm_size_t size)", Handler: kfree},
	})
	register("IOKit/IOLib.h", "2002", "iokit", []Row{
		{Name: "IOMalloc", Proto: "void *IOMalloc(vm_size_t size)", Handler: alloc(kindIO, maySleepAlloc)},
		{Name: "IOFree", Proto: "void IOFree(void *addr, vm_size_t size)", Handler: freeSized(kindIO)},
		{Name: "IOMallocAligned", Proto: "void *IOMallocAligned(vm_size_t size, vm_offset_t alignment)", Handler: allocAligned(kindAligned)},
		{Name: "IOFreeAligned", Proto: "void IOFreeAligned(void *addr, vm_size_t size)", Handler: freeSized(kindAligned)},
		{Name: "IOMallocContiguous", Proto: "void *IOMallocContiguous(vm_size_t size, vm_size_t alignment, IOPhysicalAddress *phys)", Handler: ioMallocContiguous, Note: "NULL when the physical address is asked for"},
		{Name: "IOFreeContiguous", Proto: "void IOFreeContiguous(void *addr, vm_size_t size)", Handler: freeSized(kindContig)},
		{Name: "IOMallocPageable", Proto: "void *IOMallocPageable(vm_size_t size, vm_size_t alignment)", Handler: allocAligned(kindPages)},
		{Name: "IOFreePageable", Proto: "void IOFreePageable(void *addr, vm_size_t size)", Handler: freeSized(kindPages)},
	})
	register("libkern/OSMalloc.h", "2006", "libkern", []Row{
		{Name: "OSMalloc_Tagalloc", Proto: "OSMallocTag OSMalloc_Tagalloc(const char *name, uint32_t flags)", Handler: osTagAlloc},
		{Name: "OSMalloc_Tagfree", Proto: "void OSMalloc_Tagfree(OSMallocTag tag)", Handler: osTagFree},
		{Name: "OSMalloc", Proto: "void *OSMalloc(uint32_t size, OSMallocTag tag)", Handler: osMalloc},
		{Name: "OSMalloc_nowait", Proto: "void *OSMalloc_nowait(uint32_t size, OSMallocTag tag)", Handler: osMallocNoWait},
		{Name: "OSMalloc_noblock", Proto: "void *OSMalloc_noblock(uint32_t size, OSMallocTag tag)", Handler: osMallocNoWait},
		{Name: "OSFree", Proto: "void OSFree(void *addr, uint32_t size, OSMallocTag tag)", Handler: osFree},
	})
	register("vm/vm_kern.h", "2002", "unsupported", []Row{
		{Name: "kmem_alloc", Proto: "kern_return_t kmem_alloc(vm_map_t map, vm_offset_t *addrp, vm_size_t size)", Handler: kmemAlloc},
		{Name: "kmem_alloc_wired", Proto: "kern_return_t kmem_alloc_wired(vm_map_t map, vm_offset_t *addrp, vm_size_t size)", Handler: kmemAlloc},
		{Name: "kmem_alloc_pageable", Proto: "kern_return_t kmem_alloc_pageable(vm_map_t map, vm_offset_t *addrp, vm_size_t size)", Handler: kmemAlloc},
		{Name: "kmem_alloc_aligned", Proto: "kern_return_t kmem_alloc_aligned(vm_map_t map, vm_offset_t *addrp, vm_size_t size)", Handler: kmemAlloc, Note: "aligned to the size rounded up to a power of two"},
		{Name: "kmem_alloc_contig", Proto: "kern_return_t kmem_alloc_contig(vm_map_t map, vm_offset_t *addrp, vm_size_t size, vm_offset_t mask, int flags)", Handler: kmemAlloc},
		{Name: "kmem_free", Proto: "void kmem_free(vm_map_t map, vm_offset_t addr, vm_size_t size)", Handler: kmemFree},
		{Name: "kernel_map", Proto: "vm_map_t kernel_map", Data: true},
	})
	register("sys/systm.h", "1990", "bsd", []Row{
		{Name: "copyin", Proto: "int copyin(user_addr_t from, void *to, size_t n)", Handler: copyin},
		{Name: "copyout", Proto: "int copyout(const void *from, user_addr_t to, size_t n)", Handler: copyout},
		{Name: "copyinstr", Proto: "int copyinstr(user_addr_t from, void *to, size_t max, size_t *actual)", Handler: copyinstr, Since: "2002"},
		{Name: "copyoutstr", Proto: "int copyoutstr(const void *from, user_addr_t to, size_t max, size_t *actual)", Handler: copyoutstr, Since: "2002"},
	})
	register("c++", "2002", "all", []Row{
		{Name: "_Znwm", Proto: "void *operator new(size_t)", Handler: alloc(kindNew, anywhereAlloc)},
		{Name: "_Znam", Proto: "void *operator new[](size_t)", Handler: alloc(kindNew, anywhereAlloc)},
		{Name: "_ZdlPv", Proto: "void operator delete(void *)", Handler: cxxDelete},
		{Name: "_ZdlPvm", Proto: "void operator delete(void *, size_t)", Handler: cxxDelete},
		{Name: "_ZdaPv", Proto: "void operator delete[](void *)", Handler: cxxDelete},
		{Name: "_ZdaPvm", Proto: "void operator delete[](void *, size_t)", Handler: cxxDelete},
		{Name: "__cxa_atexit", Proto: "int __cxa_atexit(void (*f)(void *), void *arg, void *dso)", Handler: cxaAtexit},
		{Name: "__cxa_pure_virtual", Proto: "void __cxa_pure_virtual(void)"},
		{Name: "__cxa_guard_acquire", Proto: "int __cxa_guard_acquire(uint64_t *)"},
		{Name: "__cxa_guard_release", Proto: "void __cxa_guard_release(uint64_t *)"},
		{Name: "__cxa_guard_abort", Proto: "void __cxa_guard_abort(uint64_t *)"},
		{Name: "__stack_chk_fail", Proto: "void __stack_chk_fail(void)"},
		{Name: "__stack_chk_guard", Proto: "long __stack_chk_guard", Data: true},
	})
}

// Flags of _MALLOC (<sys/malloc.h>).
const (
	mNowait = 1
	mZero   = 4
)

// maxMalloc is the largest single allocation, bytes.
const maxMalloc = 128 << 20

func maySleepAlloc(c *Call) bool { return c.maySleep() }
func anywhereAlloc(*Call) bool   { return true }

// allocate does what all allocations share.
func (c *Call) allocate(size uint64, kind allocKind, typ uint64, zero bool) uint64 {
	if size == 0 || size > maxMalloc {
		return 0
	}
	a, ok := c.K.alloc.getTyped(size, kind, typ, c.Owner())
	if !ok {
		return 0
	}
	if zero {
		c.K.clear(a, size)
	}
	return uint64(a)
}

// clear zeroes kernel memory.
func (k *KernelTask) clear(a Addr, n uint64) {
	var zeros [machine.PageSize]byte
	for n > 0 {
		m := min(n, machine.PageSize)
		k.Write(a, zeros[:m])
		a, n = a+Addr(m), n-m
	}
}

func bsdMalloc(c *Call) uint64 { return c.malloc(c.Arg(0), c.U32(1), c.U32(2)) }

// malloc is what _MALLOC and _REALLOC get memory by.
func (c *Call) malloc(size uint64, typ, flags uint32) uint64 {
	if flags&mNowait != 0 {
		return c.allocate(size, kindMalloc, uint64(typ), flags&mZero != 0)
	}
	if !c.maySleep() {
		return 0
	}
	return c.allocateWaiting(size, kindMalloc, uint64(typ), flags&mZero != 0)
}

// free frees, and panics for what may not be freed so.
func (c *Call) free(a Addr, size uint64, kind allocKind, typ uint64) uint64 {
	if a == 0 {
		return 0
	}
	if wrong := c.K.alloc.give(a, size, kind, typ); wrong != "" {
		return c.Panic(wrong)
	}
	return 0
}

func bsdFree(c *Call) uint64     { return c.free(c.Addr(0), anySize, kindMalloc, uint64(c.U32(1))) }
func bsdFreeZone(c *Call) uint64 { return c.free(c.Addr(0), c.Arg(1), kindMalloc, uint64(c.U32(2))) }

func bsdRealloc(c *Call) uint64 {
	old, size, typ, flags := c.Addr(0), c.Arg(1), c.U32(2), c.U32(3)
	a := c.malloc(size, typ, flags)
	if a == 0 || old == 0 {
		return a
	}
	c.K.alloc.mu.Lock()
	var n uint64
	if b := c.K.alloc.blocks[old]; b != nil {
		n = min(b.size, size)
	}
	c.K.alloc.mu.Unlock()
	c.K.copy(Addr(a), old, n)
	c.free(old, anySize, kindMalloc, uint64(typ))
	return a
}

// copy moves bytes within kernel memory; false for a bad address.
func (k *KernelTask) copy(to, from Addr, n uint64) bool {
	b := make([]byte, min(n, 64<<10))
	for n > 0 {
		m := min(n, uint64(len(b)))
		if !k.Read(b[:m], from) || !k.Write(to, b[:m]) {
			return false
		}
		to, from, n = to+Addr(m), from+Addr(m), n-m
	}
	return true
}

func alloc(kind allocKind, may func(*Call) bool) func(*Call) uint64 {
	return func(c *Call) uint64 {
		if !may(c) {
			return 0
		}
		return c.allocate(c.Arg(0), kind, 0, false)
	}
}

func freeSized(kind allocKind) func(*Call) uint64 {
	return func(c *Call) uint64 { return c.free(c.Addr(0), c.Arg(1), kind, 0) }
}

// kgetPage is the nominal page size of the 1990 manual, bytes.
const kgetPage = 8192

func kget(c *Call) uint64 {
	n := c.Arg(0)
	if int32(n) <= 0 || uint64(1)<<zoneOf(n) >= kgetPage {
		return c.Panic("kget: the size is a page or more")
	}
	return c.allocate(uint64(uint32(n)), kindKget, 0, false)
}

// kfree frees what kalloc or kget gave.
func kfree(c *Call) uint64 {
	a, kind := c.Addr(0), kindKalloc
	c.K.alloc.mu.Lock()
	if b := c.K.alloc.blocks[a]; b != nil && b.kind == kindKget {
		kind = kindKget
	}
	c.K.alloc.mu.Unlock()
	return c.free(a, c.Arg(1), kind, 0)
}

func allocAligned(kind allocKind) func(*Call) uint64 {
	return func(c *Call) uint64 {
		size, align := c.Arg(0), max(c.Arg(1), 1)
		if !c.maySleep() || size == 0 || size > maxMalloc || align&(align-1) != 0 || align > maxMalloc {
			return 0
		}
		var a Addr
		var ok bool
		// Zones are aligned to their size.
		if n := max(size, align); n <= 1<<maxZone && kind == kindAligned {
			a, ok = c.K.alloc.getAligned(size, n, kind, c.Owner())
		} else {
			a, ok = c.K.alloc.getPages(size, max(align, machine.PageSize)-1, kind, 0, c.Owner())
		}
		if !ok {
			return 0
		}
		return uint64(a)
	}
}

// getAligned takes from the zone of n bytes, n being at least size.
func (a *allocator) getAligned(size, n uint64, kind allocKind, owner *Extension) (Addr, bool) {
	addr, ok := a.getTyped(n, kind, 0, owner)
	if ok {
		a.mu.Lock()
		a.blocks[addr].size = size
		a.mu.Unlock()
	}
	return addr, ok
}

// ioMallocContiguous gives memory with consecutive addresses. Physical addresses
// mean nothing outside the machine's memory: one that asks for them is told none.
func ioMallocContiguous(c *Call) uint64 {
	size, align, phys := c.Arg(0), max(c.Arg(1), machine.PageSize), c.Addr(2)
	if !c.maySleep() || size == 0 || size > maxMalloc || align&(align-1) != 0 || align > maxMalloc || phys != 0 {
		return 0
	}
	a, ok := c.K.alloc.getPages(size, align-1, kindContig, 0, c.Owner())
	if !ok {
		return 0
	}
	return uint64(a)
}

func kmemAlloc(c *Call) uint64 {
	if !c.maySleep() {
		return 0
	}
	p, size := c.Addr(1), c.Arg(2)
	mask := uint64(0)
	switch table[rowOf(c)].Name {
	case "kmem_alloc_contig":
		mask = c.Arg(3)
	case "kmem_alloc_aligned":
		for mask = machine.PageSize; mask < size && mask < maxMalloc; mask <<= 1 {
		}
		mask--
	}
	if size == 0 || size > maxMalloc {
		return uint64(abi.KERN_INVALID_ARGUMENT)
	}
	if mask&(mask+1) != 0 {
		return uint64(abi.KERN_INVALID_ARGUMENT)
	}
	a, ok := c.K.alloc.getPages(size, mask, kindKmem, 0, c.Owner())
	if !ok {
		return uint64(abi.KERN_RESOURCE_SHORTAGE)
	}
	if !c.Put64(p, uint64(a)) {
		return 0
	}
	return uint64(abi.KERN_SUCCESS)
}

// rowOf is the row of the call in progress.
func rowOf(c *Call) int { return int(uint32(c.regs.Rax)) - callBase - 1 }

func kmemFree(c *Call) uint64 { return c.free(c.Addr(1), c.Arg(2), kindKmem, 0) }

func osTagAlloc(c *Call) uint64 {
	name, ok := c.String(0, 256)
	if !ok {
		return 0
	}
	return uint64(c.K.handle.put(&osTag{name}))
}

type osTag struct{ name string }

func (c *Call) tag(i int) bool {
	if _, ok := c.K.handle.get(c.Addr(i)).(*osTag); !ok {
		c.Panic("OSMalloc: " + hex(c.Addr(i)) + " is no tag")
		return false
	}
	return true
}

func osTagFree(c *Call) uint64 {
	if c.tag(0) {
		c.K.handle.drop(c.Addr(0))
	}
	return 0
}

func osMalloc(c *Call) uint64 {
	if !c.tag(1) || !c.maySleep() {
		return 0
	}
	return c.allocate(uint64(c.U32(0)), kindOS, 0, false)
}

func osMallocNoWait(c *Call) uint64 {
	if !c.tag(1) {
		return 0
	}
	return c.allocate(uint64(c.U32(0)), kindOS, 0, false)
}

func osFree(c *Call) uint64 {
	if !c.tag(2) {
		return 0
	}
	return c.free(c.Addr(0), uint64(c.U32(1)), kindOS, 0)
}

func cxxDelete(c *Call) uint64 { return c.free(c.Addr(0), anySize, kindNew, 0) }

// maxAtexit bounds the routines of one extension.
const maxAtexit = 4096

func cxaAtexit(c *Call) uint64 {
	e := c.K.extensionAt(c.Addr(2))
	if e == nil {
		e = c.Owner()
	}
	if e == nil {
		return 1
	}
	c.K.mu.Lock()
	defer c.K.mu.Unlock()
	if len(e.atexit) >= maxAtexit {
		return 1
	}
	e.atexit = append(e.atexit, exitRoutine{c.Addr(0), c.Addr(1)})
	return 0
}

// copyMax bounds one piece of a copy to or from a process, bytes.
const copyMax = 64 << 10

func copyin(c *Call) uint64 {
	return c.copyUser(c.Addr(0), c.Addr(1), c.Arg(2), true)
}

func copyout(c *Call) uint64 {
	return c.copyUser(c.Addr(1), c.Addr(0), c.Arg(2), false)
}

// copyUser copies between the process's memory and the kernel's. A bad address of
// the process is EFAULT, one of the kernel a panic.
func (c *Call) copyUser(user, kernel Addr, n uint64, in bool) uint64 {
	m := c.T.userMap()
	if m == nil {
		return uint64(abi.EFAULT)
	}
	if !c.maySleep() {
		return 0
	}
	b := make([]byte, min(n, copyMax))
	for n > 0 {
		k := min(n, uint64(len(b)))
		if in {
			if m.CopyIn(b[:k], user) != 0 {
				return uint64(abi.EFAULT)
			}
			if !c.K.Write(kernel, b[:k]) {
				return c.Panic("copyin: the kernel's buffer at " + hex(kernel) + " can't be written")
			}
		} else {
			if !c.K.Read(b[:k], kernel) {
				return c.Panic("copyout: the kernel's buffer at " + hex(kernel) + " can't be read")
			}
			if m.CopyOut(user, b[:k]) != 0 {
				return uint64(abi.EFAULT)
			}
		}
		user, kernel, n = user+Addr(k), kernel+Addr(k), n-k
	}
	return 0
}

func copyinstr(c *Call) uint64 {
	m := c.T.userMap()
	if m == nil {
		return uint64(abi.EFAULT)
	}
	return c.copyString(m, c.K.Map)
}

func copyoutstr(c *Call) uint64 {
	m := c.T.userMap()
	if m == nil {
		return uint64(abi.EFAULT)
	}
	return c.copyString(c.K.Map, m)
}

// copyString copies a string with its NUL: ENAMETOOLONG when there is none.
func (c *Call) copyString(from, to *vm.Map) uint64 {
	if !c.maySleep() {
		return 0
	}
	size := c.Arg(2)
	s, kr := from.CopyInString(c.Addr(0), int(min(size, 1<<20)))
	var e abi.Errno
	switch kr {
	case 0:
		s += "\x00"
	case abi.KERN_NO_SPACE:
		e = abi.ENAMETOOLONG
		s = ""
	default:
		return uint64(abi.EFAULT)
	}
	if to.CopyOut(c.Addr(1), []byte(s)) != 0 {
		return uint64(abi.EFAULT)
	}
	if a := c.Addr(3); a != 0 {
		c.Put64(a, uint64(len(s)))
	}
	return uint64(e)
}

func sortedAddrs[V any](m map[Addr]V) []Addr {
	l := make([]Addr, 0, len(m))
	for a := range m {
		l = append(l, a)
	}
	sort.Slice(l, func(i, j int) bool { return l[i] < l[j] })
	return l
}
