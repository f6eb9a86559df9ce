package vm

import (
	"errors"
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/machine"
)

// Pmap is what a map enters its translations in; a machine.Space is one.
type Pmap interface {
	Apply(ops []machine.PmapOp) error
}

// Flags are VM_FLAGS_* with a VM_MEMORY_* tag in the top eight bits.
type Flags uint32

const (
	Fixed     Flags = abi.VM_FLAGS_FIXED
	Anywhere  Flags = abi.VM_FLAGS_ANYWHERE
	Permanent Flags = abi.VM_FLAGS_PERMANENT
	Overwrite Flags = abi.VM_FLAGS_OVERWRITE

	knownFlags = Flags(abi.VM_FLAGS_ANYWHERE | abi.VM_FLAGS_PURGABLE | abi.VM_FLAGS_4GB_CHUNK |
		abi.VM_FLAGS_RANDOM_ADDR | abi.VM_FLAGS_NO_CACHE | abi.VM_FLAGS_RESILIENT_CODESIGN |
		abi.VM_FLAGS_RESILIENT_MEDIA | abi.VM_FLAGS_PERMANENT | abi.VM_FLAGS_OVERWRITE |
		abi.VM_FLAGS_SUPERPAGE_MASK | abi.VM_FLAGS_RETURN_DATA_ADDR |
		abi.VM_FLAGS_RETURN_4K_DATA_ADDR | abi.VM_FLAGS_ALIAS_MASK)
	allocateFlags = MapFlags &^ Flags(abi.VM_FLAGS_RETURN_DATA_ADDR|abi.VM_FLAGS_RETURN_4K_DATA_ADDR)

	// MapFlags are those that vm_map takes (VM_FLAGS_USER_MAP); mmap and vm_remap have
	// others besides.
	MapFlags = knownFlags &^ Flags(abi.VM_FLAGS_RESILIENT_CODESIGN|abi.VM_FLAGS_RESILIENT_MEDIA)
)

// Tag puts a VM_MEMORY_* tag into flags.
func Tag(tag uint8) Flags { return Flags(tag) << abi.VM_FLAGS_ALIAS_SHIFT }

// maxEntries bounds a map's entries; a host would refuse so many mappings.
const maxEntries = 60000

// Map is a vm_map: a task's address space. All methods may be called
// concurrently, and not with a lock held that a Pager takes.
type Map struct {
	mu       sync.RWMutex
	mem      machine.Memory
	pmap     Pmap // nil for a submap
	lo, hi   Addr
	entries  []*Entry // ascending, disjoint
	hint     Addr     // no free page is below it
	searched searched
	size     uint64    // sum of the entries' sizes, bytes
	limits   [2]uint64 // the most that size may be; 0: no limit. See SetLimit
	dead     bool
	noExec   bool // ExecLockdown
	resident bool // SetResident
	hot      hot
	fresh    []freshRange    // mapped and not yet entered; fresh.go
	alone    [freshKinds]int // how eagerly to enter what is mapped; see enterSoon
	events   struct{ faults, cows, pageins atomic.Uint64 }
	raiseNow atomic.Int32  // protections to be raised at once; raise.go
	copies   atomic.Uint64 // how often an object of ours was frozen for a copy

	hasFresh atomic.Bool   // len(fresh) > 0
	wireNew  atomic.Bool   // WireNew
	unwired  atomic.Uint64 // LimitWired: how far below 1<<64-1 the limit is

	last atomic.Int32 // where entry found its last answer

	// A submap is mapped through its parents' entries.
	parentMu sync.Mutex
	parents  map[*Entry]struct{}
	refs     int // of a submap, under parentMu
}

// NewMap makes an empty map over [lo, hi), which is trimmed to pages and to
// what guests may use.
func NewMap(mem machine.Memory, pm Pmap, lo, hi Addr) *Map {
	lo, hi = lo.Round(), min(hi.Trunc(), machine.SlotBase)
	if hi < lo {
		hi = lo
	}
	return &Map{mem: mem, pmap: pm, lo: lo, hi: hi, hint: lo}
}

// Min and Max are the limits of the map.
func (m *Map) Min() Addr { return m.lo }
func (m *Map) Max() Addr { return m.hi }

// VirtualSize is the sum of the sizes of what is mapped, in bytes.
func (m *Map) VirtualSize() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.size
}

// Events counts what happened to a map since it was made (TASK_EVENTS_INFO):
// faults that were resolved, those of them that copied pages, and those that
// waited for a pager (what getrusage calls major faults).
type Events struct{ Faults, CowFaults, Pageins uint64 }

// Events gives the counts.
func (m *Map) Events() Events {
	return Events{m.events.faults.Load(), m.events.cows.Load(), m.events.pageins.Load()}
}

// find is the index of the first entry that ends after a.
func (m *Map) find(a Addr) int {
	lo, hi := 0, len(m.entries)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); m.entries[mid].end > a {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// entry is the entry at a, or nil.
func (m *Map) entry(a Addr) *Entry {
	// Most look-ups are for what the last was for: a thread's stack.
	if i := int(m.last.Load()); i < len(m.entries) {
		if e := m.entries[i]; e.start <= a && a < e.end {
			return e
		}
	}
	i := m.find(a)
	if i == len(m.entries) || m.entries[i].start > a {
		return nil
	}
	m.last.Store(int32(i))
	return m.entries[i]
}

// apply changes translations. A host that refuses more mappings gets rid of all
// of them: they are only a cache, and hulls may cover more than is there. A
// dead pmap has no translations, so everything succeeds.
func (m *Map) apply(ops ...machine.PmapOp) error {
	if len(ops) == 0 {
		return nil
	}
	if m.pmap == nil {
		return m.applyToParents(ops)
	}
	err := m.pmap.Apply(ops)
	if err == nil || errors.Is(err, machine.ErrDead) {
		return nil
	}
	err = m.pmap.Apply([]machine.PmapOp{{Kind: machine.PmapRemove, Va: m.lo, Len: uint64(m.hi - m.lo)}})
	if err == nil {
		err = m.pmap.Apply(ops)
	}
	if errors.Is(err, machine.ErrDead) {
		return nil
	}
	return err
}

// check rounds [addr, addr+size) to pages and checks it against overflow and
// the map's limits. Empty ranges are fine.
func (m *Map) check(addr Addr, size uint64) (lo, hi Addr, kr abi.KernReturn) {
	end := addr + Addr(size)
	if end < addr || end > m.hi || addr.Trunc() < m.lo && size != 0 {
		return 0, 0, abi.KERN_INVALID_ADDRESS
	}
	return addr.Trunc(), end.Round(), abi.KERN_SUCCESS
}

// searched is what the last search for room has found out: no size bytes that are
// free begin within [from, upto). Without it each of ten thousand stacks would be
// looked for behind all others, because of one small hole below them.
type searched struct {
	from, upto Addr
	size       uint64
}

const longSearch = 16 // entries

// space finds size bytes that are free, at or above from, aligned to mask+1. The map
// is locked for writing.
func (m *Map) space(from Addr, size uint64, mask uint64) (Addr, bool) {
	a := max(from, m.hint)
	begin, known := a, &m.searched
	jumped := a >= known.from && a < known.upto && size >= known.size
	if jumped {
		a, begin = known.upto, known.from
	}
	first := m.find(a)
	i := first
	for ; ; i++ {
		a = (a + Addr(mask)) &^ Addr(mask)
		if a < from || a >= m.hi || uint64(m.hi-a) < size {
			return 0, false
		}
		if i >= len(m.entries) || m.entries[i].start >= a && uint64(m.entries[i].start-a) >= size {
			break
		}
		a = max(a, m.entries[i].end)
	}
	// Worth to be remembered is a long search, or the continuation of one. Alignment
	// passes over room that others could use.
	if mask == pageMask && (i-first > longSearch || jumped && size == known.size) {
		*known = searched{begin, a, size}
	}
	return a, true
}

// freed notes that a hole begins at or above a.
func (m *Map) freed(a Addr) {
	m.hint = min(m.hint, a)
	m.searched.upto = min(m.searched.upto, a)
}

// insertAt puts e at index i of the list.
func (m *Map) insertAt(i int, e *Entry) {
	m.entries = append(m.entries, nil)
	copy(m.entries[i+1:], m.entries[i:])
	m.entries[i] = e
}

// clip splits entries so that lo and hi are boundaries, and returns the indices
// of the entries in between. The map is locked for writing.
func (m *Map) clip(lo, hi Addr) (i, j int) {
	i = m.find(lo)
	if i < len(m.entries) && m.entries[i].start < lo {
		m.insertAt(i+1, m.entries[i].split(lo))
		i++
	}
	j = m.find(hi)
	if j < len(m.entries) && m.entries[j].start < hi {
		m.insertAt(j+1, m.entries[j].split(hi))
		j++
	}
	return i, j
}

// covered says whether the entries in [lo, hi) leave no hole.
func (m *Map) covered(lo, hi Addr) bool {
	for i := m.find(lo); lo < hi; i++ {
		if i == len(m.entries) || m.entries[i].start > lo {
			return false
		}
		lo = m.entries[i].end
	}
	return true
}

// Bounds are the lowest address of the map and the first above it.
func (m *Map) Bounds() (lo, hi Addr) { return m.lo, m.hi }
