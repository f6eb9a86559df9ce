package kpi

import (
	"sync"
	"time"

	"puggle/mach/sched"
)

func init() {
	register("sys/systm.h", "2002", "bsd", []Row{
		{Name: "timeout", Proto: "void timeout(void (*fn)(void *), void *arg, int ticks)", Handler: timeout},
		{Name: "untimeout", Proto: "void untimeout(void (*fn)(void *), void *arg)", Handler: untimeout},
		{Name: "bsd_timeout", Since: "2006", Proto: "void bsd_timeout(void (*fn)(void *), void *arg, struct timespec *ts)", Handler: bsdTimeout},
		{Name: "bsd_untimeout", Since: "2006", Proto: "void bsd_untimeout(void (*fn)(void *), void *arg)", Handler: untimeout},
	})
	register("kern/thread_call.h", "2002", "mach", []Row{
		{Name: "thread_call_allocate", Proto: "thread_call_t thread_call_allocate(thread_call_func_t func, thread_call_param_t param0)", Handler: tcAllocate},
		{Name: "thread_call_free", Proto: "boolean_t thread_call_free(thread_call_t call)", Handler: tcFree},
		{Name: "thread_call_enter", Proto: "boolean_t thread_call_enter(thread_call_t call)", Handler: tcEnter(false, false)},
		{Name: "thread_call_enter1", Proto: "boolean_t thread_call_enter1(thread_call_t call, thread_call_param_t param1)", Handler: tcEnter(true, false)},
		{Name: "thread_call_enter_delayed", Proto: "boolean_t thread_call_enter_delayed(thread_call_t call, uint64_t deadline)", Handler: tcEnter(false, true)},
		{Name: "thread_call_enter1_delayed", Proto: "boolean_t thread_call_enter1_delayed(thread_call_t call, thread_call_param_t param1, uint64_t deadline)", Handler: tcEnter(true, true)},
		{Name: "thread_call_cancel", Proto: "boolean_t thread_call_cancel(thread_call_t call)", Handler: tcCancel(false)},
		{Name: "thread_call_cancel_wait", Since: "2006", Proto: "boolean_t thread_call_cancel_wait(thread_call_t call)", Handler: tcCancel(true)},
		{Name: "thread_call_isactive", Since: "2006", Proto: "boolean_t thread_call_isactive(thread_call_t call)", Handler: tcActive},
		{Name: "thread_call_func_delayed", Proto: "void thread_call_func_delayed(thread_call_func_t func, thread_call_param_t param, uint64_t deadline)", Handler: tcFunc, KPI: "mach unsupported"},
		{Name: "thread_call_func_cancel", Proto: "boolean_t thread_call_func_cancel(thread_call_func_t func, thread_call_param_t param, boolean_t all)", Handler: tcFuncCancel, KPI: "mach unsupported"},
	})
}

// callout is a function that is to be called later.
type callout struct {
	fn, arg, arg1 Addr
	made          bool // by thread_call_allocate: it has a handle and can be used again
	timer         *time.Timer
	gen           int // of the entering in force
	pending       bool
	running       int
	waiters       sched.WaitQueue
}

// calloutTable is all callouts: those of timeout by function and argument.
type calloutTable struct {
	mu      sync.Mutex
	loose   map[*callout]struct{}
	handles map[*callout]Addr
	dead    bool
}

// maxCallouts bounds both kinds.
const maxCallouts = 16384

func (t *calloutTable) init() {
	t.loose, t.handles = map[*callout]struct{}{}, map[*callout]Addr{}
}

func (t *calloutTable) stop(k *KernelTask) {
	t.mu.Lock()
	t.dead = true
	for c := range t.loose {
		t.disarm(c)
	}
	for c := range t.handles {
		t.disarm(c)
	}
	t.mu.Unlock()
}

// disarm takes a pending call back; false if none was. mu is held.
func (t *calloutTable) disarm(c *callout) bool {
	was := c.pending
	c.pending = false
	c.gen++
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	return was
}

// arm has c called at a time; true if it was pending already. mu is held.
func (k *KernelTask) arm(c *callout, at sched.Deadline) bool {
	was := k.calls.disarm(c)
	if k.calls.dead {
		return was
	}
	c.pending = true
	gen := c.gen
	d := time.Duration(0)
	if at != sched.Forever {
		d = max(time.Duration(at-sched.Now()), 0)
	}
	c.timer = time.AfterFunc(d, func() { k.fire(c, gen) })
	return was
}

// fire makes the call, on a kernel thread.
func (k *KernelTask) fire(c *callout, gen int) {
	t := &k.calls
	t.mu.Lock()
	if !c.pending || c.gen != gen {
		t.mu.Unlock()
		return
	}
	c.pending = false
	c.running++
	fn, arg, arg1 := c.fn, c.arg, c.arg1
	t.mu.Unlock()
	th := k.ownThread("callout")
	k.callSoon(th, fn, uint64(arg), uint64(arg1))
	th.Detach()
	t.mu.Lock()
	c.running--
	if c.running == 0 {
		c.waiters.WakeupAll(sched.Awakened)
	}
	gone := !c.made && !c.pending && c.running == 0
	if gone {
		delete(t.loose, c)
	}
	t.mu.Unlock()
	if gone {
		k.DropReference("timeout", c)
		k.DropReference("thread call", c)
	}
}

// later calls fn(arg) once; false if there are too many callouts.
func (k *KernelTask) later(fn, arg Addr, at sched.Deadline) bool {
	c := &callout{fn: fn, arg: arg}
	k.calls.mu.Lock()
	if len(k.calls.loose) >= maxCallouts {
		k.calls.mu.Unlock()
		return false
	}
	k.calls.loose[c] = struct{}{}
	k.calls.mu.Unlock()
	k.AddReference("timeout", c, k.Symbolize(fn), func(*sched.Thread) { k.forget(c) }, fn)
	k.calls.mu.Lock()
	k.arm(c, at)
	k.calls.mu.Unlock()
	return true
}

// over says whether c is being called for the last time: fire is about to forget it.
func (t *calloutTable) over(c *callout) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !c.made && !c.pending
}

func (k *KernelTask) forget(c *callout) bool {
	k.calls.mu.Lock()
	was := k.calls.disarm(c)
	if c.running == 0 {
		delete(k.calls.loose, c)
	}
	k.calls.mu.Unlock()
	if was {
		k.DropReference("timeout", c)
	}
	return was
}

// Later has kernel code called on a thread of its own at a time: fn(arg, 0).
func (k *KernelTask) Later(fn, arg Addr, at sched.Deadline) bool { return k.later(fn, arg, at) }

// Unlater takes one such call back; false if none is pending.
func (k *KernelTask) Unlater(fn, arg Addr) bool {
	k.calls.mu.Lock()
	for c := range k.calls.loose {
		if c.fn == fn && c.arg == arg && c.pending {
			k.calls.mu.Unlock()
			return k.forget(c)
		}
	}
	k.calls.mu.Unlock()
	return false
}

func (c *Call) timeoutAt(at sched.Deadline) uint64 {
	if !c.K.later(c.Addr(0), c.Addr(1), at) {
		return c.Panic("timeout table overflow")
	}
	return 0
}

func timeout(c *Call) uint64 { return c.timeoutAt(max(ticks(max(c.I32(2), 1)), 1)) }

func bsdTimeout(c *Call) uint64 {
	at := sched.Deadline(1)
	if ts := c.Addr(2); ts != 0 {
		sec, ok := c.K.U64(ts)
		nsec, _ := c.K.U64(ts + 8)
		if !ok {
			return c.Panic("bsd_timeout: the time can't be read")
		}
		at = max(deadline(int64(min(sec, 1<<32))*1e9+int64(min(nsec, 1e9))), 1)
	}
	return c.timeoutAt(at)
}

func untimeout(c *Call) uint64 {
	c.K.Unlater(c.Addr(0), c.Addr(1))
	return 0
}

func tcAllocate(c *Call) uint64 {
	k := c.K
	x := &callout{fn: c.Addr(0), arg: c.Addr(1), made: true}
	k.calls.mu.Lock()
	defer k.calls.mu.Unlock()
	if len(k.calls.handles) >= maxCallouts {
		return 0
	}
	a := k.handle.put(x)
	if a == 0 {
		return 0
	}
	k.calls.handles[x] = a
	k.AddReference("thread call", x, k.Symbolize(x.fn), func(*sched.Thread) { k.freeCall(x) }, x.fn)
	return uint64(a)
}

func (k *KernelTask) freeCall(x *callout) {
	k.calls.mu.Lock()
	k.calls.disarm(x)
	a := k.calls.handles[x]
	delete(k.calls.handles, x)
	running := x.running > 0 // then fire forgets it
	x.made = false
	k.calls.mu.Unlock()
	k.handle.drop(a)
	if !running {
		k.DropReference("thread call", x)
	}
}

// threadCall is the callout of a handle.
func (c *Call) threadCall() *callout {
	x, ok := c.K.handle.get(c.Addr(0)).(*callout)
	if !ok {
		c.Panic("thread_call: " + hex(c.Addr(0)) + " is no thread call")
		return nil
	}
	return x
}

// tcFree is FALSE, and does nothing, for a call that is pending.
func tcFree(c *Call) uint64 {
	x := c.threadCall()
	if x == nil {
		return 0
	}
	c.K.calls.mu.Lock()
	busy := x.pending
	c.K.calls.mu.Unlock()
	if busy {
		return 0
	}
	c.K.freeCall(x)
	return 1
}

func tcEnter(one, delayed bool) func(*Call) uint64 {
	return func(c *Call) uint64 {
		x := c.threadCall()
		if x == nil {
			return 0
		}
		i, at := 1, sched.Forever
		var arg1 Addr
		if one {
			arg1, i = c.Addr(1), 2
		}
		if delayed {
			at = max(sched.Deadline(c.Arg(i)), 1)
		}
		c.K.calls.mu.Lock()
		defer c.K.calls.mu.Unlock()
		x.arg1 = arg1
		return boolean(c.K.arm(x, at))
	}
}

func boolean(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func tcCancel(wait bool) func(*Call) uint64 {
	return func(c *Call) uint64 {
		x := c.threadCall()
		if x == nil || wait && !c.maySleep() {
			return 0
		}
		t := &c.K.calls
		t.mu.Lock()
		defer t.mu.Unlock()
		was := t.disarm(x)
		for wait && x.running > 0 {
			sched.Sleep(c.T.th, &x.waiters, &t.mu, sched.Uninterruptible, sched.Forever)
		}
		return boolean(was)
	}
}

func tcActive(c *Call) uint64 {
	x := c.threadCall()
	if x == nil {
		return 0
	}
	c.K.calls.mu.Lock()
	defer c.K.calls.mu.Unlock()
	return boolean(x.pending || x.running > 0)
}

func tcFunc(c *Call) uint64 {
	if !c.K.later(c.Addr(0), c.Addr(1), max(sched.Deadline(c.Arg(2)), 1)) {
		return c.Panic("timeout table overflow")
	}
	return 0
}

func tcFuncCancel(c *Call) uint64 {
	was := c.K.Unlater(c.Addr(0), c.Addr(1))
	for was && c.U32(2) != 0 && c.K.Unlater(c.Addr(0), c.Addr(1)) {
	}
	return boolean(was)
}
