package kpi

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	machsync "puggle/mach/sync"
)

func init() {
	lock := func(f func(*machsync.LockSet, *sched.Thread, int32) abi.KernReturn, sleeps bool) func(*Call) uint64 {
		return func(c *Call) uint64 {
			s, ok := c.K.handle.get(c.Addr(0)).(*lockSet)
			if !ok {
				return kr(abi.KERN_INVALID_ARGUMENT)
			}
			if sleeps && !c.maySleep() {
				return 0
			}
			return kr(f(s.LockSet, c.T.th, c.I32(1)))
		}
	}
	register("mach/lock_set.h", "2002", "mach", []Row{
		{Name: "lock_set_create", Proto: "kern_return_t lock_set_create(task_t task, lock_set_t *lock_set, int n_ulocks, int policy)", Handler: lockSetCreate},
		{Name: "lock_set_destroy", Proto: "kern_return_t lock_set_destroy(task_t task, lock_set_t lock_set)", Handler: lockSetDestroy},
		{Name: "lock_acquire", Proto: "kern_return_t lock_acquire(lock_set_t lock_set, int lock_id)", Handler: lock((*machsync.LockSet).Acquire, true)},
		{Name: "lock_release", Proto: "kern_return_t lock_release(lock_set_t lock_set, int lock_id)", Handler: lock((*machsync.LockSet).Release, false)},
		{Name: "lock_try", Proto: "kern_return_t lock_try(lock_set_t lock_set, int lock_id)", Handler: lock((*machsync.LockSet).Try, false)},
		{Name: "lock_make_stable", Proto: "kern_return_t lock_make_stable(lock_set_t lock_set, int lock_id)", Handler: lock((*machsync.LockSet).MakeStable, false)},
		{Name: "lock_handoff", Proto: "kern_return_t lock_handoff(lock_set_t lock_set, int lock_id)", Handler: lock((*machsync.LockSet).Handoff, true)},
		{Name: "lock_handoff_accept", Proto: "kern_return_t lock_handoff_accept(lock_set_t lock_set, int lock_id)", Handler: lock((*machsync.LockSet).HandoffAccept, true)},
		{Name: "port_name_to_lock_set", Proto: "kern_return_t port_name_to_lock_set(mach_port_name_t name, lock_set_t *lock_set)", Handler: portNameToLockSet,
			Note: "the calling program's set; made after port_name_to_semaphore"},
		{Name: "lock_set_dereference", Proto: "void lock_set_dereference(lock_set_t lock_set)", Handler: lockSetDereference},
	})
	register("mach/semaphore.h", "2002", "mach", []Row{
		{Name: "port_name_to_semaphore", Proto: "kern_return_t port_name_to_semaphore(mach_port_name_t name, semaphore_t *semaphore)", Handler: portNameToSemaphore},
		{Name: "semaphore_dereference", Proto: "void semaphore_dereference(semaphore_t semaphore)", Handler: semaphoreDereference},
	})
	register("kern/thread.h", "2002", "mach", []Row{
		{Name: "thread_policy_set", Proto: "kern_return_t thread_policy_set(thread_act_t thread, thread_policy_flavor_t flavor, thread_policy_t policy_info, mach_msg_type_number_t count)", Handler: threadPolicySet},
		{Name: "thread_policy_get", Proto: "kern_return_t thread_policy_get(thread_act_t thread, thread_policy_flavor_t flavor, thread_policy_t policy_info, mach_msg_type_number_t *count, boolean_t *get_default)", Handler: threadPolicyGet},
	})
}

// lockSet is a lock set in the hands of code: one that it made, or a program's.
type lockSet struct {
	*machsync.LockSet
	own bool
}

func lockSetCreate(c *Call) uint64 {
	s, r := machsync.NewLockSet(c.I32(2), c.I32(3))
	if r != abi.KERN_SUCCESS {
		return kr(r)
	}
	return c.giveHandle(&lockSet{s, true})
}

// giveHandle stores a new handle of o where the second argument says.
func (c *Call) giveHandle(o any) uint64 {
	a := c.K.handle.put(o)
	if a == 0 {
		return kr(abi.KERN_RESOURCE_SHORTAGE)
	}
	if !c.Put64(c.Addr(1), uint64(a)) {
		c.K.handle.drop(a)
	}
	return 0
}

// lockSetDestroy is for sets that code made; a program destroys its own.
func lockSetDestroy(c *Call) uint64 {
	a := c.Addr(1)
	s, ok := c.K.handle.get(a).(*lockSet)
	if !ok || !s.own || !c.K.handle.take(a, s) {
		return kr(abi.KERN_INVALID_ARGUMENT)
	}
	s.Destroy()
	return 0
}

func lockSetDereference(c *Call) uint64 {
	if s, ok := c.K.handle.get(c.Addr(0)).(*lockSet); ok && !s.own {
		c.K.handle.take(c.Addr(0), s)
	}
	return 0
}

// named is the object behind a name of the program that the thread works for. The object
// lives on when the name goes.
func named[T any](c *Call, kotype uint32) (o T, ok bool) {
	p := c.T.proc()
	if p == nil || p.Task == nil {
		return o, false
	}
	sp, ok := p.Task.IPC.(*ipc.Space)
	if !ok {
		return o, false
	}
	port, r := sp.Lookup(abi.PortName(c.U32(0)), abi.MACH_PORT_TYPE_SEND_RECEIVE)
	if r != abi.KERN_SUCCESS {
		return o, false
	}
	k, t := port.Kobject()
	if t != kotype {
		return o, false
	}
	o, ok = k.(T)
	return o, ok
}

func portNameToLockSet(c *Call) uint64 {
	s, ok := named[*machsync.LockSet](c, abi.IKOT_LOCK_SET)
	if !ok {
		return kr(abi.KERN_INVALID_ARGUMENT)
	}
	return c.giveHandle(&lockSet{s, false})
}

func portNameToSemaphore(c *Call) uint64 {
	s, ok := named[*machsync.Semaphore](c, abi.IKOT_SEMAPHORE)
	if !ok {
		return kr(abi.KERN_INVALID_ARGUMENT)
	}
	return c.giveHandle(&semaphore{s, true})
}

func semaphoreDereference(c *Call) uint64 {
	if s, ok := c.K.handle.get(c.Addr(0)).(*semaphore); ok && s.named {
		c.K.handle.take(c.Addr(0), s)
	}
	return 0
}

// maxPolicyWords bounds what is read of a policy; XNU's longest has 4 words.
const maxPolicyWords = 16

// threadPolicySet takes the flavours that are about the scheduler alone, of threads that
// kernel code can name. KERN_INVALID_ARGUMENT for others, too few words, an impossible
// contract.
func threadPolicySet(c *Call) uint64 {
	t, n := c.K.threadAt(c.Addr(0)), c.U32(3)
	f, ok := sched.Flavors[c.U32(1)]
	if t == nil || !ok || n > maxPolicyWords {
		return kr(abi.KERN_INVALID_ARGUMENT)
	}
	w := make([]int32, n)
	for i := range w {
		v, ok := c.K.U32(c.Addr(2) + Addr(4*i))
		if !ok {
			return c.Panic("thread_policy_set: the policy can't be read")
		}
		w[i] = int32(v)
	}
	if c.U32(1) == sched.ExtendedPolicy && n == 0 {
		w = f.Default
	}
	if len(w) < f.Count {
		return kr(abi.KERN_INVALID_ARGUMENT)
	}
	p := t.th.Params()
	f.Set(&p, w)
	if t.th.SetParams(p) != nil {
		return kr(abi.KERN_INVALID_ARGUMENT)
	}
	return 0
}

// threadPolicyGet gives a thread's setting of a flavour, or with TRUE in get_default the
// defaults, which is also what is stored there when the thread has no setting of its own.
func threadPolicyGet(c *Call) uint64 {
	t := c.K.threadAt(c.Addr(0))
	f, ok := sched.Flavors[c.U32(1)]
	room, ok1 := c.K.U32(c.Addr(3))
	def, ok2 := c.K.U32(c.Addr(4))
	switch {
	case !ok1 || !ok2:
		return c.Panic("thread_policy_get: count or get_default can't be read")
	case t == nil || !ok || room > 0 && int64(room) < int64(f.Count):
		return kr(abi.KERN_INVALID_ARGUMENT)
	}
	w, standard := f.Default, def != 0
	if !standard {
		if w, standard = f.Get(t.th.Params()); standard {
			w = f.Default
		}
	}
	w = w[:min(int(room), len(w))]
	for i, v := range w {
		c.Put32(c.Addr(2)+Addr(4*i), uint32(v))
	}
	c.Put32(c.Addr(3), uint32(len(w)))
	flag := uint32(0)
	if standard {
		flag = 1
	}
	c.Put32(c.Addr(4), flag)
	return 0
}
