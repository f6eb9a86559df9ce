package vm

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"puggle/machine"
)

const (
	pageShift = machine.PageShift
	pageSize  = uint64(machine.PageSize)
	pageMask  = uint64(machine.PageMask)

	// maxSize bounds the size of an object: what a Darwin off_t holds, less
	// room to round up.
	maxSize = uint64(1) << 62
)

// Addr is an address in a guest's address space.
type Addr = machine.Addr

// family is what all objects connected by shadow links share: their lock, and
// the condition on which threads wait for busy pages.
type family struct {
	mu   sync.Mutex
	idle sync.Cond
	id   uint64 // the order in which Fork locks several
}

func newFamily() *family {
	f := &family{id: familyID.Add(1)}
	f.idle.L = &f.mu
	return f
}

// families are several families that are locked together, in the order of their
// ids.
type families []*family

func (l *families) lock() {
	slices.SortFunc(*l, func(a, b *family) int { return cmp.Compare(a.id, b.id) })
	*l = slices.Compact(*l)
	for _, f := range *l {
		f.mu.Lock()
	}
}

func (l families) unlock() {
	for _, f := range l {
		f.mu.Unlock()
	}
}

// Object is a vm_object_t: a range of pages. All its fields are guarded by its
// family's lock, which never changes.
type Object struct {
	fam  *family
	id   uint64
	mem  machine.Memory // nil until bound, by Bootstrap or by the first map
	size uint64         // bytes, a multiple of the page size

	refs      int
	pins      int      // Pins in progress: pages may be dropped, not freed
	limbo     []extent // dropped while pinned
	purgable  purgable
	purgeMode uint16 // order and group while volatile, as vm_purgable_control had them
	grown     bool   // extended by a neighbour's allocation
	shared    bool   // mapped for sharing: copied eagerly
	silent    bool   // pager: mapped pages need no dirty tracking
	device    bool   // the pages are a device's: never freed
	touched   bool   // pages that it does not have may have been written to: by a UPL

	pager     Pager
	shadow    *Object // what is seen through this object's holes; one reference
	shadowOff uint64  // shadow's offset of our offset 0
	shadows   []*Object
	mappings  []*Entry

	segs  []segment // places, by page
	valid pageSet   // pages that the object has; unused without pager and shadow
	dirty pageSet   // pager: pages that may differ from the pager's
	busy  pageSet   // pager: pages on their way in or out
	inUPL pageSet   // those of busy that a UPL has
}

type extent struct {
	phys machine.Phys
	n    uint64 // bytes
}

var (
	objectID      atomic.Uint64
	familyID      atomic.Uint64
	defaultMemory atomic.Pointer[machine.Memory]
)

// Bootstrap names the physical memory used by objects that are read or written
// before any map has them.
func Bootstrap(mem machine.Memory) { defaultMemory.Store(&mem) }

func newObject(size uint64, fam *family, mem machine.Memory) *Object {
	return &Object{fam: fam, id: objectID.Add(1), mem: mem, size: roundPage(size), refs: 1}
}

// NewObject makes an anonymous, zero-filled object of size bytes (rounded up to
// pages) with one reference, the caller's.
func NewObject(size uint64) *Object {
	return newObject(min(size, maxSize), newFamily(), nil)
}

// Bind has the object use mem, if it has no memory yet: for what is written
// before it is mapped, where there may be more than one machine.
func (o *Object) Bind(mem machine.Memory) {
	o.fam.mu.Lock()
	o.bind(mem)
	o.fam.mu.Unlock()
}

// NewPagerObject makes an object whose pages p supplies, with one reference,
// the caller's. The object keeps p until it terminates.
func NewPagerObject(p Pager, size uint64) *Object {
	o := NewObject(size)
	o.pager = p
	return o
}

func roundPage(n uint64) uint64 { return (n + pageMask) &^ pageMask }

// ID is unique among objects (a vm_object_id_t).
func (o *Object) ID() uint64 { return o.id }

// Pager is the object's pager; nil for anonymous memory.
func (o *Object) Pager() Pager { return o.pager }

// Size is the object's size in bytes, a multiple of the page size.
func (o *Object) Size() uint64 {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	return o.size
}

// Ref takes a reference. The caller must hold one.
func (o *Object) Ref() *Object {
	o.fam.mu.Lock()
	o.refs++
	o.fam.mu.Unlock()
	return o
}

// TryRef takes a reference unless the object is terminating, for caches that
// hold none themselves.
func (o *Object) TryRef() bool {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if o.refs == 0 {
		return false
	}
	o.refs++
	return true
}

// Unref drops a reference. With the last one, what a pager's object has dirty
// is paged out, its pager is told to Terminate, and the pages are freed; so no
// lock may be held.
func (o *Object) Unref() {
	var r reaper
	o.fam.mu.Lock()
	o.unref(&r)
	o.fam.mu.Unlock()
	r.reap()
}

// Refs is the number of references, for tests and tools.
func (o *Object) Refs() int {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	return o.refs
}

// Depth is the number of objects behind this one in its shadow chain.
func (o *Object) Depth() int {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	return o.depth()
}

func (o *Object) depth() int {
	n := 0
	for d := o.shadow; d != nil; d = d.shadow {
		n++
	}
	return n
}

// reaper collects objects whose termination needs their pager, to be done when
// no lock is held any more.
type reaper struct{ list []*Object }

// unref drops a reference; the family is locked.
func (o *Object) unref(r *reaper) {
	for o != nil {
		o.refs--
		if o.refs > 0 {
			return
		}
		if o.refs < 0 {
			panic("vm: object reference count below zero")
		}
		if o.pager != nil {
			r.list = append(r.list, o)
			return
		}
		next := o.shadow
		o.freeAll()
		o.setShadow(nil, 0)
		o = next
	}
}

func (r *reaper) reap() {
	for _, o := range r.list {
		o.writeBack(0, maxSize)
		o.fam.mu.Lock()
		o.freeAll()
		o.fam.mu.Unlock()
		o.pager.Terminate()
	}
	r.list = nil
}

// setShadow makes s what o shadows, without touching reference counts.
func (o *Object) setShadow(s *Object, off uint64) {
	if old := o.shadow; old != nil {
		for i, t := range old.shadows {
			if t == o {
				last := len(old.shadows) - 1
				old.shadows[i] = old.shadows[last]
				old.shadows[last] = nil
				old.shadows = old.shadows[:last]
				break
			}
		}
	}
	o.shadow, o.shadowOff = s, off
	if s != nil {
		s.shadows = append(s.shadows, o)
	}
}

// bind sees to it that the object has physical memory to use.
func (o *Object) bind(mem machine.Memory) bool {
	if o.mem == nil {
		o.mem = mem
	}
	if o.mem == nil {
		if p := defaultMemory.Load(); p != nil {
			o.mem = *p
		}
	}
	return o.mem != nil
}
