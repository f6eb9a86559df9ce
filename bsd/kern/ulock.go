package kern

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/mach/vm"
	"puggle/machine"
)

// Operations and flags of ulock_wait and ulock_wake (<sys/ulock.h>).
const (
	UL_OPCODE_MASK               = 0xff
	UL_COMPARE_AND_WAIT          = 1
	UL_UNFAIR_LOCK               = 2
	UL_COMPARE_AND_WAIT_SHARED   = 3
	UL_UNFAIR_LOCK64_SHARED      = 4
	UL_COMPARE_AND_WAIT64        = 5
	UL_COMPARE_AND_WAIT64_SHARED = 6

	ULF_WAKE_ALL                   = 0x100
	ULF_WAKE_THREAD                = 0x200
	ULF_WAKE_ALLOW_NON_OWNER       = 0x400
	ULF_WAIT_WORKQ_DATA_CONTENTION = 0x10000
	ULF_WAIT_CANCEL_POINT          = 0x20000
	ULF_WAIT_ADAPTIVE_SPIN         = 0x40000
	ULF_NO_ERRNO                   = 0x1000000
	ULF_DEADLINE                   = 0x2000000

	ulfNoTidCheck = 0x80000000 // ours: the kernel wakes at thread end
	ulfKnown      = UL_OPCODE_MASK | ULF_WAKE_ALL | ULF_WAKE_THREAD | ULF_WAKE_ALLOW_NON_OWNER |
		ULF_WAIT_WORKQ_DATA_CONTENTION | ULF_WAIT_CANCEL_POINT | ULF_WAIT_ADAPTIVE_SPIN | ULF_NO_ERRNO | ULF_DEADLINE | ulfNoTidCheck
)

// ulockKey names a word: by address space, or by memory object when it is
// shared.
type ulockKey struct {
	space any
	off   uint64
}

// ulock is a word that somebody waits on.
type ulock struct {
	q    sched.WaitQueue
	refs int // waiters, guarded by the bucket's lock
}

const ulockBuckets = 256

// ulockTable has the words that are waited on. The bucket's lock is held from
// the look at the word's value to the wait's assertion, and by the waker: so no
// wakeup that follows a change of the value is lost. It comes after the locks of the
// map and of the memory object that has the word.
type ulockTable struct {
	bucket [ulockBuckets]struct {
		mu sync.Mutex
		m  map[ulockKey]*ulock
	}
}

func (t *ulockTable) index(off uint64) int {
	h := off * 0x9e3779b97f4a7c15
	return int(h >> 56)
}

func (ut *Uthread) ulockKey(op uint32, addr uint64) (k ulockKey, size int, err abi.Errno) {
	size = 4
	switch op & UL_OPCODE_MASK {
	case UL_COMPARE_AND_WAIT, UL_UNFAIR_LOCK:
	case UL_COMPARE_AND_WAIT64:
		size = 8
	case UL_UNFAIR_LOCK64_SHARED, UL_COMPARE_AND_WAIT64_SHARED:
		size = 8
		fallthrough
	case UL_COMPARE_AND_WAIT_SHARED:
		m, ok := any(ut.Proc.Map()).(interface {
			PhysAddr(machine.Addr, abi.Prot) (*vm.Object, uint64, abi.KernReturn)
		})
		if !ok {
			return k, size, abi.ENOTSUP
		}
		obj, off, kr := m.PhysAddr(machine.Addr(addr), abi.VM_PROT_READ)
		if kr != 0 {
			return k, size, abi.EFAULT
		}
		return ulockKey{obj, off}, size, 0
	default:
		return k, size, abi.EINVAL
	}
	return ulockKey{ut.Proc, addr}, size, 0
}

// UlockWait is ulock_wait: it sleeps if the word at addr has the given value,
// until it is woken or the deadline comes. It returns how many others still
// wait. EINVAL for an unknown operation or an address that is not aligned,
// EFAULT, ETIMEDOUT, EINTR.
func (ut *Uthread) UlockWait(op uint32, addr, value uint64, deadline sched.Deadline) (int32, abi.Errno) {
	if op&^uint32(ulfKnown&^ulfNoTidCheck) != 0 {
		return 0, abi.EINVAL
	}
	k, size, err := ut.ulockKey(op, addr)
	if err != 0 {
		return 0, err
	}
	if addr == 0 || addr&uint64(size-1) != 0 {
		return 0, abi.EINVAL
	}
	// The word is held in place from the look at it to the wait's assertion: a copy on
	// write, and so a change of the value in the copy, comes after that.
	var word vm.Word
	if kr := ut.Proc.Map().AtomicWord(&word, machine.Addr(addr), uint64(size), abi.VM_PROT_READ); kr != 0 {
		return 0, abi.EFAULT
	}
	b := &ut.Proc.Sys.locks.bucket[ut.Proc.Sys.locks.index(k.off)]
	b.mu.Lock()
	if got := loadWord(&word, size); size == 4 && uint32(got) != uint32(value) || size == 8 && got != value {
		left := int32(0)
		if u := b.m[k]; u != nil {
			left = int32(u.refs)
		}
		b.mu.Unlock()
		word.Release()
		return left, 0
	}
	u := b.m[k]
	if u == nil {
		if b.m == nil {
			b.m = make(map[ulockKey]*ulock)
		}
		u = &ulock{}
		b.m[k] = u
	}
	u.refs++
	u.q.AssertWait(&ut.Thread.Thread, sched.Interruptible, deadline)
	b.mu.Unlock()
	word.Release()
	r := ut.Thread.Block()
	b.mu.Lock()
	u.refs--
	left := int32(u.refs)
	if u.refs == 0 {
		delete(b.m, k)
	}
	b.mu.Unlock()
	switch r {
	case sched.TimedOut:
		return 0, abi.ETIMEDOUT
	case sched.Interrupted:
		return 0, abi.EINTR
	}
	return left, 0
}

// loadWord reads the word, which the guest may be changing: a waker changes it
// before it asks for the bucket's lock, which orders the two.
func loadWord(w *vm.Word, size int) uint64 {
	if size == 4 {
		return uint64(atomic.LoadUint32(w.Uint32()))
	}
	return atomic.LoadUint64(w.Uint64())
}

// UlockWake is ulock_wake: it wakes one waiter, or all. ENOENT when there is
// none.
func (ut *Uthread) UlockWake(op uint32, addr, _ uint64) abi.Errno {
	if op&^uint32(ulfKnown) != 0 {
		return abi.EINVAL
	}
	k, size, err := ut.ulockKey(op, addr)
	if err != 0 {
		return err
	}
	if addr == 0 || addr&uint64(size-1) != 0 {
		return abi.EINVAL
	}
	if op&ULF_WAKE_THREAD != 0 {
		return abi.ENOTSUP
	}
	b := &ut.Proc.Sys.locks.bucket[ut.Proc.Sys.locks.index(k.off)]
	b.mu.Lock()
	u := b.m[k]
	if u == nil {
		b.mu.Unlock()
		return abi.ENOENT
	}
	n := 0
	if op&ULF_WAKE_ALL != 0 {
		n = u.q.WakeupAll(sched.Awakened)
	} else if u.q.WakeupOne(sched.Awakened) {
		n = 1
	}
	b.mu.Unlock()
	if n == 0 {
		return abi.ENOENT
	}
	return 0
}
