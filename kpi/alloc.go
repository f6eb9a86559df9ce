package kpi

import (
	"fmt"
	"math/bits"
	"sort"
	"sync"
	"sync/atomic"

	"puggle/mach/sched"
	"puggle/mach/vm"
	"puggle/machine"
)

// How a block was allocated: what it must be freed with.
type allocKind uint8

const (
	kindKernel allocKind = iota // by this package
	kindMalloc                  // _MALLOC, with a type
	kindKalloc                  // kalloc, with a size
	kindKget
	kindIO      // IOMalloc, with a size
	kindAligned // IOMallocAligned
	kindContig
	kindPages // IOMallocPageable
	kindOS    // OSMalloc, with a tag
	kindNew   // operator new
	kindKmem  // kmem_alloc
	kindCred  // crget and its kin
	kindName  // vnode_getname
	kindMbuf
	kindObject // what the I/O Kit's classes allocate
)

var kindNames = [...]string{"the kernel", "_MALLOC", "kalloc", "kget", "IOMalloc", "IOMallocAligned", "IOMallocContiguous",
	"IOMallocPageable", "OSMalloc", "operator new", "kmem_alloc", "crget", "vnode_getname",
	"mbufs", "libkern"}

func (a allocKind) String() string { return kindNames[a] }

// block is a piece of kernel memory in use.
type block struct {
	size  uint64 // asked for
	room  uint64 // taken
	kind  allocKind
	typ   uint64 // _MALLOC's type, OSMalloc's tag
	owner *Extension
	pages bool // whole pages of its own
}

// allocator is the zones that kernel memory comes from: powers of two from 16
// to 4096 bytes, cut from chunks; above that whole pages.
type allocator struct {
	k      *KernelTask
	mu     sync.Mutex
	free   [13][]Addr // by log2
	blocks map[Addr]*block
	used   uint64 // bytes in use, as room
	types  map[uint64]*MallocType

	freed   atomic.Uint64 // counts what was freed
	waiters atomic.Int32  // threads that wait for that
}

// MallocType is the use of _MALLOC's memory by one type: whose it is.
type MallocType struct {
	Type     int32
	InUse    uint64 // blocks
	Bytes    uint64 // in them
	High     uint64 // the most Bytes ever
	Requests uint64
}

// count keeps the types' use; sign is 1 or -1. a.mu is held.
func (a *allocator) count(b *block, sign int) {
	if b.kind != kindMalloc {
		return
	}
	t := a.types[b.typ]
	if t == nil {
		if len(a.types) >= maxMallocTypes {
			return
		}
		t = &MallocType{Type: int32(b.typ)}
		a.types[b.typ] = t
	}
	if sign < 0 {
		t.InUse--
		t.Bytes -= b.size
		return
	}
	t.InUse++
	t.Requests++
	t.Bytes += b.size
	t.High = max(t.High, t.Bytes)
}

// maxMallocTypes bounds the types that are counted.
const maxMallocTypes = 1024

// MallocTypes lists the use of _MALLOC's memory, by type.
func (k *KernelTask) MallocTypes() []MallocType {
	k.alloc.mu.Lock()
	defer k.alloc.mu.Unlock()
	l := make([]MallocType, 0, len(k.alloc.types))
	for _, t := range k.alloc.types {
		l = append(l, *t)
	}
	sort.Slice(l, func(i, j int) bool { return l[i].Type < l[j].Type })
	return l
}

// freedEvent is what threads that wait for memory sleep on: no address that code has.
const freedEvent = 1

// allocateWaiting is allocate for those who want to wait until there is memory. 0 for a size
// that there never is, and when a signal ends the wait.
func (c *Call) allocateWaiting(size uint64, kind allocKind, typ uint64, zero bool) uint64 {
	a := &c.K.alloc
	for {
		gen := a.freed.Load()
		v := c.allocate(size, kind, typ, zero)
		if v != 0 || size == 0 || size > min(maxMalloc, c.K.cfg.MemLimit) || c.T.asserted {
			return v
		}
		a.waiters.Add(1)
		b := c.K.bucket(freedEvent)
		b.mu.Lock()
		if a.freed.Load() != gen {
			b.mu.Unlock()
			a.waiters.Add(-1)
			continue
		}
		b.assert(c.T, freedEvent, sched.Interruptible, sched.Forever)
		b.mu.Unlock()
		r := c.T.block_()
		a.waiters.Add(-1)
		if r == sched.Interrupted {
			return 0
		}
	}
}

const (
	minZone   = 4  // log2
	maxZone   = 12 // log2
	zoneChunk = 64 << 10
	// dead is what freed memory is filled with.
	deadByte = 0xdb
)

func (a *allocator) init(k *KernelTask) {
	a.k, a.blocks, a.types = k, map[Addr]*block{}, map[uint64]*MallocType{}
}

func zoneOf(size uint64) int { return max(minZone, bits.Len64(max(size, 1)-1)) }

// get allocates size bytes; their contents are anything.
func (a *allocator) get(size uint64, kind allocKind, owner *Extension) (Addr, bool) {
	return a.getTyped(size, kind, 0, owner)
}

func (a *allocator) getTyped(size uint64, kind allocKind, typ uint64, owner *Extension) (Addr, bool) {
	if size > a.k.cfg.MemLimit {
		return 0, false
	}
	if size > 1<<maxZone {
		return a.getPages(size, 0, kind, typ, owner)
	}
	z := zoneOf(size)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.used+1<<z > a.k.cfg.MemLimit {
		return 0, false
	}
	if len(a.free[z]) == 0 {
		c, kr := a.k.Map.Allocate(0, zoneChunk, vm.Anywhere)
		if kr != 0 {
			return 0, false
		}
		for off := Addr(zoneChunk); off > 0; off -= 1 << z {
			a.free[z] = append(a.free[z], c+off-1<<z)
		}
	}
	n := len(a.free[z]) - 1
	addr := a.free[z][n]
	a.free[z] = a.free[z][:n]
	a.blocks[addr] = &block{size: size, room: 1 << z, kind: kind, typ: typ, owner: owner}
	a.count(a.blocks[addr], 1)
	a.used += 1 << z
	return addr, true
}

// getPages allocates whole pages, aligned to mask+1.
func (a *allocator) getPages(size, mask uint64, kind allocKind, typ uint64, owner *Extension) (Addr, bool) {
	room := (size + machine.PageMask) &^ machine.PageMask
	a.mu.Lock()
	defer a.mu.Unlock()
	if size == 0 || room < size || a.used+room > a.k.cfg.MemLimit {
		return 0, false
	}
	addr, kr := a.k.Map.Enter(&vm.MapSpec{Size: room, Mask: mask, Flags: vm.Anywhere, Cur: 3, Max: 7})
	if kr != 0 {
		return 0, false
	}
	a.blocks[addr] = &block{size: size, room: room, kind: kind, typ: typ, owner: owner, pages: true}
	a.count(a.blocks[addr], 1)
	a.used += room
	return addr, true
}

// put frees what the kernel itself allocated.
func (a *allocator) put(addr Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if b := a.blocks[addr]; b != nil {
		a.release(addr, b)
	}
}

// putKind is put for a block of one kind; false if it is another's, or none.
func (a *allocator) putKind(addr Addr, kind allocKind) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := a.blocks[addr]
	if b == nil || b.kind != kind {
		return false
	}
	a.release(addr, b)
	return true
}

func (a *allocator) release(addr Addr, b *block) {
	delete(a.blocks, addr)
	a.count(b, -1)
	a.used -= b.room
	a.freed.Add(1)
	if a.waiters.Load() > 0 {
		a.k.wakeup(freedEvent, false, sched.Awakened)
	}
	if b.pages {
		a.k.Map.Deallocate(addr, b.room)
		return
	}
	a.k.Write(addr, deadBytes[:b.room])
	z := zoneOf(b.room)
	a.free[z] = append(a.free[z], addr)
}

var deadBytes = func() (b [1 << maxZone]byte) {
	for i := range b {
		b[i] = deadByte
	}
	return
}()

// anySize is a size that isn't checked.
const anySize = ^uint64(0)

// give frees a block that code has; the reason says what is wrong with it, ""
// if nothing.
func (a *allocator) give(addr Addr, size uint64, kind allocKind, typ uint64) (wrong string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := a.blocks[addr]
	switch {
	case b == nil:
		return fmt.Sprintf("freeing %s, which is not allocated (freed twice?)", hex(addr))
	case b.kind != kind:
		return fmt.Sprintf("freeing %s by %v's counterpart; it came from %v", hex(addr), kind, b.kind)
	case size != anySize && size != b.size:
		return fmt.Sprintf("freeing %s with the wrong size: %d bytes, allocated were %d", hex(addr), size, b.size)
	case kind == kindMalloc && typ != b.typ:
		return fmt.Sprintf("freeing %s with the wrong type: %d, allocated as %d", hex(addr), typ, b.typ)
	}
	a.release(addr, b)
	return ""
}

// leaks counts what an extension has not freed, and disowns it.
func (a *allocator) leaks(e *Extension) (n int, bytes uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range a.blocks {
		if b.owner == e {
			n++
			bytes += b.size
			b.owner = nil
		}
	}
	return n, bytes
}

// MemoryInUse is how many bytes of kernel memory are allocated, and in how many
// blocks.
func (k *KernelTask) MemoryInUse() (bytes uint64, blocks int) {
	k.alloc.mu.Lock()
	defer k.alloc.mu.Unlock()
	return k.alloc.used, len(k.alloc.blocks)
}
