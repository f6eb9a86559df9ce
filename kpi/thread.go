package kpi

import (
	"sync/atomic"

	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/mach/sched"
	machsync "puggle/mach/sync"
	"puggle/mach/vm"
)

// The thread block: what GS points to while a thread runs code, in the kernel
// task's memory. Its address is the thread's thread_t. rt/rt.h has the same layout.
const (
	tbSelf      = 0  // u64
	tbSpins     = 8  // u32: spin locks held; no sleeping then
	tbIPL       = 12 // u32: interrupt level
	tbID        = 16 // u64
	tbMutexes   = 24 // u32: mutexes held
	tbInterrupt = 28 // u32: in an interrupt handler
	tbError     = 32 // u32: u.u_error of the older documents
	tbAcflag    = 36 // u32: u.u_acflag
	tbSize      = 128
)

// kthread is a thread as kernel code sees it.
type kthread struct {
	th    *sched.Thread
	block Addr
	id    uint64
	act   *activation // while code runs on it
	ctx   *sys.Context
	keep  bool // lives on when the upcall is over: it is somebody's thread_t
	kern  bool // made by kernel_thread
	soon  bool // runs an interrupt handler or a callout, which is soon over

	// The wait that assert_wait began.
	bucket   *bucket
	event    uint64
	asserted bool
	result   sched.WaitResult
	until    sched.Deadline
	how      sched.Interruptibility

	k       *KernelTask
	request Addr       // memory for the next struct sysctl_req, or 0
	sysctls int        // handlers of sysctl that run on it
	gone    bool       // dropThread has been
	waitq   *waitQueue // that it waits on
	funnel  *funnel    // that it holds

	borrowed  []Addr      // handles that end with the upcall
	terminate atomic.Bool // by thread_terminate
	timed     atomic.Bool // it waits, or is about to, with a timer of thread_set_timer
	overdue   bool        // the timer went off when it was terminated already

	asked   []*kauthListener // listeners that the kernel has asked on this thread, the innermost last
	lent    *vfsContext      // what vfs_context_current gave
	lentFor *sys.Context
}

// thread gives the kthread of th, made on first use.
func (k *KernelTask) thread(th *sched.Thread) (*kthread, error) {
	if v, ok := k.threads.Load(th); ok {
		return v.(*kthread), nil
	}
	b, ok := k.alloc.get(tbSize, kindKernel, nil)
	if !ok {
		return nil, ErrNoMemory
	}
	t := &kthread{k: k, th: th, block: b, id: uint64(k.nthreads.Add(1))}
	var img [tbSize]byte
	le.PutUint64(img[tbSelf:], uint64(b))
	le.PutUint64(img[tbID:], t.id)
	if !k.Write(b, img[:]) {
		return nil, ErrNoMemory
	}
	k.threads.Store(th, t)
	k.blocks.Store(b, t)
	return t, nil
}

// threadAt finds a thread by its thread_t.
func (k *KernelTask) threadAt(a Addr) *kthread {
	if v, ok := k.blocks.Load(a); ok {
		return v.(*kthread)
	}
	return nil
}

func (k *KernelTask) dropThread(t *kthread) {
	machsync.ThreadGone(t.th)
	k.threads.Delete(t.th)
	k.blocks.Delete(t.block)
	k.alloc.put(t.block)
	if t.gone = true; t.request != 0 {
		k.alloc.put(t.request)
		t.request = 0
	}
}

// ThreadGone forgets a guest thread that has ended.
func (k *KernelTask) ThreadGone(th *sched.Thread) {
	if v, ok := k.threads.Load(th); ok {
		k.dropThread(v.(*kthread))
	}
}

// proc is the process that the thread works for, nil for the kernel's own.
func (t *kthread) proc() *kern.Proc {
	if t.ctx == nil {
		return nil
	}
	p, _ := t.ctx.Proc.(*kern.Proc)
	return p
}

// userMap is the process's memory, nil for the kernel's own threads.
func (t *kthread) userMap() *vm.Map {
	if p := t.proc(); p != nil {
		return p.Map()
	}
	return nil
}

// context is on whose behalf the thread works.
func (t *kthread) context() *sys.Context {
	if t.ctx != nil {
		return t.ctx
	}
	return &sys.Context{Thread: t.th, Cred: rootCred}
}
