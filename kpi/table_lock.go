package kpi

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"puggle/abi"
	"puggle/mach/vm"
)

func init() {
	const l = "kern/locks.h"
	register(l, "2006", "mach bsd", []Row{
		{Name: "lck_mtx_lock", Proto: "void lck_mtx_lock(lck_mtx_t *lck)"},
		{Name: "lck_mtx_try_lock", Proto: "boolean_t lck_mtx_try_lock(lck_mtx_t *lck)"},
		{Name: "lck_mtx_unlock", Proto: "void lck_mtx_unlock(lck_mtx_t *lck)"},
		{Name: "lck_mtx_lock_spin", Proto: "void lck_mtx_lock_spin(lck_mtx_t *lck)", Note: "as lck_mtx_lock"},
		{Name: "lck_mtx_try_lock_spin", Proto: "boolean_t lck_mtx_try_lock_spin(lck_mtx_t *lck)", Note: "as lck_mtx_try_lock"},
		{Name: "lck_mtx_lock_spin_always", Proto: "void lck_mtx_lock_spin_always(lck_mtx_t *lck)", Note: "as lck_mtx_lock"},
		{Name: "lck_mtx_convert_spin", Proto: "void lck_mtx_convert_spin(lck_mtx_t *lck)"},
		{Name: "lck_mtx_assert", Proto: "void lck_mtx_assert(lck_mtx_t *lck, unsigned int type)"},
		{Name: "lck_mtx_init", Proto: "void lck_mtx_init(lck_mtx_t *lck, lck_grp_t *grp, lck_attr_t *attr)"},
		{Name: "lck_mtx_destroy", Proto: "void lck_mtx_destroy(lck_mtx_t *lck, lck_grp_t *grp)"},
		{Name: "lck_spin_lock", Proto: "void lck_spin_lock(lck_spin_t *lck)"},
		{Name: "lck_spin_try_lock", Proto: "boolean_t lck_spin_try_lock(lck_spin_t *lck)"},
		{Name: "lck_spin_unlock", Proto: "void lck_spin_unlock(lck_spin_t *lck)"},
		{Name: "lck_spin_init", Proto: "void lck_spin_init(lck_spin_t *lck, lck_grp_t *grp, lck_attr_t *attr)"},
		{Name: "lck_spin_destroy", Proto: "void lck_spin_destroy(lck_spin_t *lck, lck_grp_t *grp)"},
		{Name: "kdp_lck_spin_is_acquired", Proto: "boolean_t kdp_lck_spin_is_acquired(lck_spin_t *lck)", KPI: "unsupported"},
		{Name: "lck_rw_lock", Proto: "void lck_rw_lock(lck_rw_t *lck, lck_rw_type_t type)"},
		{Name: "lck_rw_lock_shared", Proto: "void lck_rw_lock_shared(lck_rw_t *lck)"},
		{Name: "lck_rw_lock_exclusive", Proto: "void lck_rw_lock_exclusive(lck_rw_t *lck)"},
		{Name: "lck_rw_try_lock", Proto: "boolean_t lck_rw_try_lock(lck_rw_t *lck, lck_rw_type_t type)"},
		{Name: "lck_rw_try_lock_shared", Proto: "boolean_t lck_rw_try_lock_shared(lck_rw_t *lck)"},
		{Name: "lck_rw_try_lock_exclusive", Proto: "boolean_t lck_rw_try_lock_exclusive(lck_rw_t *lck)"},
		{Name: "lck_rw_unlock", Proto: "void lck_rw_unlock(lck_rw_t *lck, lck_rw_type_t type)"},
		{Name: "lck_rw_unlock_shared", Proto: "void lck_rw_unlock_shared(lck_rw_t *lck)"},
		{Name: "lck_rw_unlock_exclusive", Proto: "void lck_rw_unlock_exclusive(lck_rw_t *lck)"},
		{Name: "lck_rw_done", Proto: "lck_rw_type_t lck_rw_done(lck_rw_t *lck)"},
		{Name: "lck_rw_lock_shared_to_exclusive", Proto: "boolean_t lck_rw_lock_shared_to_exclusive(lck_rw_t *lck)"},
		{Name: "lck_rw_lock_exclusive_to_shared", Proto: "void lck_rw_lock_exclusive_to_shared(lck_rw_t *lck)"},
		{Name: "lck_rw_init", Proto: "void lck_rw_init(lck_rw_t *lck, lck_grp_t *grp, lck_attr_t *attr)"},
		{Name: "lck_rw_destroy", Proto: "void lck_rw_destroy(lck_rw_t *lck, lck_grp_t *grp)"},
		{Name: "lck_grp_attr_alloc_init", Proto: "lck_grp_attr_t *lck_grp_attr_alloc_init(void)", Handler: attrAlloc},
		{Name: "lck_grp_attr_setdefault", Proto: "void lck_grp_attr_setdefault(lck_grp_attr_t *attr)", Handler: attrSet(0)},
		{Name: "lck_grp_attr_setstat", Proto: "void lck_grp_attr_setstat(lck_grp_attr_t *attr)", Handler: attrSet(1)},
		{Name: "lck_grp_attr_free", Proto: "void lck_grp_attr_free(lck_grp_attr_t *attr)", Handler: attrFree},
		{Name: "lck_attr_alloc_init", Proto: "lck_attr_t *lck_attr_alloc_init(void)", Handler: attrAlloc},
		{Name: "lck_attr_setdefault", Proto: "void lck_attr_setdefault(lck_attr_t *attr)", Handler: attrSet(0)},
		{Name: "lck_attr_setdebug", Proto: "void lck_attr_setdebug(lck_attr_t *attr)", Handler: attrSet(2), Note: "all locks are checked"},
		{Name: "lck_attr_free", Proto: "void lck_attr_free(lck_attr_t *attr)", Handler: attrFree},
		{Name: "lck_grp_alloc_init", Proto: "lck_grp_t *lck_grp_alloc_init(const char *name, lck_grp_attr_t *attr)", Handler: grpAlloc},
		{Name: "lck_grp_free", Proto: "void lck_grp_free(lck_grp_t *grp)", Handler: grpFree},
		{Name: "lck_mtx_alloc_init", Proto: "lck_mtx_t *lck_mtx_alloc_init(lck_grp_t *grp, lck_attr_t *attr)", Handler: lckAlloc(kindMtx)},
		{Name: "lck_spin_alloc_init", Proto: "lck_spin_t *lck_spin_alloc_init(lck_grp_t *grp, lck_attr_t *attr)", Handler: lckAlloc(kindSpin)},
		{Name: "lck_rw_alloc_init", Proto: "lck_rw_t *lck_rw_alloc_init(lck_grp_t *grp, lck_attr_t *attr)", Handler: lckAlloc(kindRW)},
		{Name: "lck_mtx_free", Proto: "void lck_mtx_free(lck_mtx_t *lck, lck_grp_t *grp)", Handler: lckFree("mutex", kindMtx)},
		{Name: "lck_spin_free", Proto: "void lck_spin_free(lck_spin_t *lck, lck_grp_t *grp)", Handler: lckFree("spin lock", kindSpin)},
		{Name: "lck_rw_free", Proto: "void lck_rw_free(lck_rw_t *lck, lck_grp_t *grp)", Handler: lckFree("read-write lock", kindRW)},
	})
	register("kern/lock.h", "2002", "mach unsupported", []Row{
		{Name: "mutex_alloc", Proto: "mutex_t *mutex_alloc(etap_event_t event)", Handler: mutexAlloc},
		{Name: "mutex_free", Proto: "void mutex_free(mutex_t *m)", Handler: lckFree("mutex", kindMtx)},
		{Name: "mutex_init", Proto: "void mutex_init(mutex_t *m, etap_event_t event)"},
		{Name: "mutex_lock", Proto: "void mutex_lock(mutex_t *m)"},
		{Name: "mutex_unlock", Proto: "void mutex_unlock(mutex_t *m)"},
		{Name: "mutex_try", Proto: "boolean_t mutex_try(mutex_t *m)"},
		{Name: "mutex_pause", Proto: "void mutex_pause(void)", Handler: mutexPause},
		{Name: "simple_lock_init", Since: "1990", Proto: "void simple_lock_init(simple_lock_t lock [, etap_event_t event])"},
		{Name: "simple_lock", Since: "1990", Proto: "void simple_lock(simple_lock_t lock)"},
		{Name: "simple_unlock", Since: "1990", Proto: "void simple_unlock(simple_lock_t lock)"},
		{Name: "simple_lock_try", Proto: "unsigned int simple_lock_try(simple_lock_t lock)"},
		{Name: "simple_lock_alloc", Since: "1990", Proto: "simple_lock_t simple_lock_alloc(void)", Handler: bareAlloc},
		{Name: "simple_lock_free", Since: "1990", Proto: "void simple_lock_free(simple_lock_t lock)", Handler: lckFree("simple lock", kindSpin)},
		{Name: "usimple_lock_init", Proto: "void usimple_lock_init(usimple_lock_t lock, etap_event_t event)"},
		{Name: "usimple_lock", Proto: "void usimple_lock(usimple_lock_t lock)"},
		{Name: "usimple_unlock", Proto: "void usimple_unlock(usimple_lock_t lock)"},
		{Name: "usimple_lock_try", Proto: "unsigned int usimple_lock_try(usimple_lock_t lock)"},
		{Name: "usimple_lock_held", Proto: "void usimple_lock_held(usimple_lock_t lock)"},
		{Name: "usimple_lock_none_held", Proto: "void usimple_lock_none_held(void)"},
		{Name: "hw_lock_init", Proto: "void hw_lock_init(hw_lock_t lock)"},
		{Name: "hw_lock_lock", Proto: "void hw_lock_lock(hw_lock_t lock)"},
		{Name: "hw_lock_unlock", Proto: "void hw_lock_unlock(hw_lock_t lock)"},
		{Name: "hw_lock_try", Proto: "unsigned int hw_lock_try(hw_lock_t lock)"},
		{Name: "lock_alloc", Since: "1990", Proto: "lock_t *lock_alloc([boolean_t can_sleep, etap_event_t, etap_event_t])", Handler: bareAlloc, Note: "with lock_init after it, or as a lock that sleeps"},
		{Name: "lock_free", Since: "1990", Proto: "void lock_free(lock_t *lock)", Handler: lckFree("lock", kindRW)},
		{Name: "lock_init", Since: "1990", Proto: "void lock_init(lock_t *lock, boolean_t can_sleep [, etap_event_t, etap_event_t])"},
		{Name: "lock_read", Since: "1990", Proto: "void lock_read(lock_t *lock)"},
		{Name: "lock_write", Since: "1990", Proto: "void lock_write(lock_t *lock)"},
		{Name: "lock_done", Since: "1990", Proto: "void lock_done(lock_t *lock)"},
		{Name: "lock_read_to_write", Proto: "boolean_t lock_read_to_write(lock_t *lock)", Note: "TRUE: it failed, and the read hold is gone"},
		{Name: "lock_write_to_read", Proto: "void lock_write_to_read(lock_t *lock)"},
	})
	register("-", "2006", "runtime", []Row{
		{Name: "kpi_lock_wait", Proto: "void kpi_lock_wait(uint64_t *word, uint64_t value, uint64_t *misses)", Handler: lockWait},
		{Name: "kpi_lock_wake", Proto: "void kpi_lock_wake(uint64_t *word, int all)", Handler: lockWake},
		{Name: "kpi_etap_group", Proto: "lck_grp_t *kpi_etap_group(unsigned int event)", Handler: func(c *Call) uint64 { return uint64(c.K.etapGroup(c.U32(0))) }},
		{Name: "kpi_spin_wait", Proto: "void kpi_spin_wait(uint64_t *word)", Handler: spinWait},
	})
}

// A lock group in guest memory; rt/lock.c has the same layout.
const (
	grpAcquired = 0 // u64 for each kind of lock, and so the next two
	grpMissed   = 24
	grpWaited   = 48
	grpLocks    = 72 // u32 for each kind
	grpStat     = 84
	grpName     = 88
	grpNameLen  = 64
	grpSize     = 152

	lockKinds = 3 // spin locks, mutexes, read-write locks
	kindSpin  = 0
	kindMtx   = 1
	kindRW    = 2
	attrSize  = 16
	lockSize  = 32
)

// lockGroup is what the kernel remembers of a group.
type lockGroup struct {
	name  string
	owner *Extension
}

func (c *Call) newBlock(size uint64) Addr {
	a, ok := c.K.alloc.get(size, kindKernel, c.Owner())
	if !ok || !c.K.Write(a, make([]byte, size)) {
		return 0
	}
	return a
}

// freeBlock frees what newBlock made.
func (c *Call) freeBlock(a Addr, what string) uint64 {
	if a == 0 {
		return 0
	}
	if wrong := c.K.alloc.give(a, anySize, kindKernel, 0); wrong != "" {
		return c.Panic(what + ": " + wrong)
	}
	return 0
}

func attrAlloc(c *Call) uint64 { return uint64(c.newBlock(attrSize)) }

func attrSet(v uint32) func(*Call) uint64 {
	return func(c *Call) uint64 {
		c.Put32(c.Addr(0), v)
		return 0
	}
}

func attrFree(c *Call) uint64 { return c.freeBlock(c.Addr(0), "attributes") }

func grpAlloc(c *Call) uint64 {
	name, ok := c.String(0, 256)
	if !ok {
		return 0
	}
	stat := uint32(0)
	if a := c.Addr(1); a != 0 {
		if stat, ok = c.K.U32(a); !ok {
			return c.Panic("lck_grp_alloc_init: the attributes can't be read")
		}
	}
	a := c.newBlock(grpSize)
	if a == 0 {
		return 0
	}
	if len(name) >= grpNameLen {
		name = name[:grpNameLen-1]
	}
	c.K.PutU32(a+grpStat, stat)
	c.K.Write(a+grpName, append([]byte(name), 0))
	c.K.mu.Lock()
	c.K.locks[a] = &lockGroup{name, c.Owner()}
	c.K.mu.Unlock()
	return uint64(a)
}

func grpFree(c *Call) uint64 {
	a := c.Addr(0)
	if n := c.K.groupOf(a).locks(); n != 0 {
		return c.Panic(fmt.Sprintf("lck_grp_free: the group still has %d locks", n))
	}
	c.K.mu.Lock()
	delete(c.K.locks, a)
	c.K.mu.Unlock()
	return c.freeBlock(a, "lock group")
}

// LockCounts is what a lock group has counted, by the kind of its locks: spin locks, mutexes,
// read-write locks. Acquisitions are counted for groups whose attributes ask for it
// (lck_grp_attr_setstat); misses and waiting, in nanoseconds, always, but no waiting for spin locks.
type LockCounts struct {
	Name                     string
	Locks                    [lockKinds]uint32
	Acquired, Missed, Waited [lockKinds]uint64
}

func (l *LockCounts) locks() (n uint32) {
	for _, k := range l.Locks {
		n += k
	}
	return n
}

// groupOf reads a group.
func (k *KernelTask) groupOf(a Addr) *LockCounts {
	var g LockCounts
	for i := range lockKinds {
		g.Locks[i], _ = k.U32(a + grpLocks + Addr(4*i))
		g.Acquired[i], _ = k.U64(a + grpAcquired + Addr(8*i))
		g.Missed[i], _ = k.U64(a + grpMissed + Addr(8*i))
		g.Waited[i], _ = k.U64(a + grpWaited + Addr(8*i))
	}
	return &g
}

// LockProfile lists the lock groups of kernel code.
func (k *KernelTask) LockProfile() []*LockCounts {
	k.mu.Lock()
	l := make(map[Addr]string, len(k.locks))
	for a, g := range k.locks {
		l[a] = g.name
	}
	k.mu.Unlock()
	var all []*LockCounts
	for _, a := range sortedAddrs(l) {
		g := k.groupOf(a)
		g.Name = l[a]
		all = append(all, g)
	}
	return all
}

// LockGroups is the table of lock profiling, one line for each group, all kinds of locks
// together: the text of sysctl debug.lck_grp.
func (k *KernelTask) LockGroups() string {
	var b strings.Builder
	b.WriteString("group                            locks     acquired       missed    waited ns\n")
	for _, g := range k.LockProfile() {
		var acq, miss, ns uint64
		for i := range lockKinds {
			acq, miss, ns = acq+g.Acquired[i], miss+g.Missed[i], ns+g.Waited[i]
		}
		fmt.Fprintf(&b, "%-32s %5d %12d %12d %12d\n", g.Name, g.locks(), acq, miss, ns)
	}
	return b.String()
}

func lckAlloc(kind int) func(*Call) uint64 {
	return func(c *Call) uint64 {
		a := c.newBlock(lockSize)
		if a == 0 {
			return 0
		}
		if g := c.Addr(0); g != 0 {
			c.K.PutU64(a+8, uint64(g))
			if !c.K.addU32(g+grpLocks+Addr(4*kind), 1) {
				return c.Panic("a lock's group can't be used")
			}
		}
		return uint64(a)
	}
}

// addU32 adds to a word of kernel memory, atomically with code that does.
func (k *KernelTask) addU32(a Addr, n uint32) bool {
	var w vm.Word
	if k.Map.AtomicWord(&w, a, 4, abi.VM_PROT_READ|abi.VM_PROT_WRITE) != 0 {
		return false
	}
	atomic.AddUint32(w.Uint32(), n)
	w.Release()
	return true
}

func bareAlloc(c *Call) uint64 { return uint64(c.newBlock(lockSize)) }

// mutexAlloc makes a mutex that belongs to the group of its event.
func mutexAlloc(c *Call) uint64 {
	a := c.newBlock(lockSize)
	if g := c.K.etapGroup(c.U32(0)); a != 0 && g != 0 {
		c.K.PutU64(a+8, uint64(g))
		c.K.addU32(g+grpLocks+4*kindMtx, 1)
	}
	return uint64(a)
}

// maxEvents bounds the events that are traced.
const maxEvents = 256

// etapGroup is the lock group in which locks of an event are counted; 0 for
// ETAP_NO_TRACE, and if the boot argument etap=1 does not ask for it.
func (k *KernelTask) etapGroup(event uint32) Addr {
	if event == 0 || !slices.Contains(strings.Fields(k.cfg.BootArgs), "etap=1") {
		return 0
	}
	k.mu.Lock()
	a, full := k.events[event], len(k.events) >= maxEvents
	k.mu.Unlock()
	if a != 0 || full {
		return a
	}
	a, ok := k.alloc.get(grpSize, kindKernel, nil)
	if !ok || !k.Write(a, make([]byte, grpSize)) {
		return 0
	}
	k.PutU32(a+grpStat, 1)
	k.mu.Lock()
	defer k.mu.Unlock()
	if other := k.events[event]; other != 0 {
		k.alloc.put(a)
		return other
	}
	if k.events == nil {
		k.events = map[uint32]Addr{}
	}
	k.events[event] = a
	k.locks[a] = &lockGroup{name: fmt.Sprintf("etap %#x", event)}
	return a
}

func lckFree(what string, kind int) func(*Call) uint64 {
	return func(c *Call) uint64 {
		a := c.Addr(0)
		v, ok := c.K.U64(a)
		if a != 0 && ok && v != 0 && v&^1 != destroyedLock {
			return c.Panic(what + " " + hex(a) + " is freed while it is held")
		}
		if g, _ := c.K.U64(a + 8); g != 0 && v&^1 != destroyedLock {
			c.K.addU32(Addr(g)+grpLocks+Addr(4*kind), ^uint32(0))
		}
		return c.freeBlock(a, what)
	}
}

// destroyedLock is the word of a destroyed lock; rt/lock.c has the same.
const destroyedLock = 0xdead0
