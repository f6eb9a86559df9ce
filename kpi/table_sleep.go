package kpi

import (
	"fmt"

	"puggle/abi"
	"puggle/mach/sched"
)

func init() {
	register("sys/systm.h", "2002", "bsd", []Row{
		{Name: "msleep", Header: "sys/proc.h", Since: "2006", Proto: "int msleep(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, struct timespec *ts)", Handler: msleep},
		{Name: "msleep0", Header: "sys/proc.h", Since: "2006", Proto: "int msleep0(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, uint64_t deadline)", Handler: msleep0},
		{Name: "tsleep", Header: "sys/proc.h", Proto: "int tsleep(void *chan, int pri, const char *wmesg, int timo)", Handler: tsleep, Note: "no funnels"},
		{Name: "tsleep0", Header: "sys/proc.h", Proto: "int tsleep0(void *chan, int pri, const char *wmesg, int timo, int (*continuation)(int))", Handler: tsleep0},
		{Name: "sleep", Header: "sys/proc.h", Since: "1990", Proto: "void sleep(void *chan, int pri)", Handler: sleepOn},
		{Name: "wakeup", Header: "sys/proc.h", Since: "1990", Proto: "void wakeup(void *chan)", Handler: wakeup},
		{Name: "wakeup_one", Header: "sys/proc.h", Proto: "void wakeup_one(void *chan)", Handler: wakeupOne},
	})
	register("kern/sched_prim.h", "1990", "mach unsupported", []Row{
		{Name: "assert_wait", Proto: "wait_result_t assert_wait(event_t event, wait_interrupt_t interruptible)", Handler: assertWait},
		{Name: "assert_wait_deadline", Since: "2006", Proto: "wait_result_t assert_wait_deadline(event_t event, wait_interrupt_t interruptible, uint64_t deadline)", Handler: assertWaitDeadline},
		{Name: "assert_wait_timeout", Since: "2006", Proto: "wait_result_t assert_wait_timeout(event_t event, wait_interrupt_t interruptible, uint32_t interval, uint32_t scale)", Handler: assertWaitTimeout},
		{Name: "thread_block", Proto: "wait_result_t thread_block(thread_continue_t continuation)", Handler: threadBlock, Note: "the continuation is not called: the call returns"},
		{Name: "thread_set_timeout", Proto: "void thread_set_timeout(int ticks)", Handler: threadSetTimeout},
		{Name: "thread_set_timer", Since: "2002", Proto: "void thread_set_timer(uint32_t interval, uint32_t scale)", Handler: threadSetTimer},
		{Name: "thread_set_timer_deadline", Since: "2002", Proto: "void thread_set_timer_deadline(uint64_t deadline)", Handler: threadSetTimerDeadline},
		{Name: "thread_cancel_timer", Since: "2002", Proto: "void thread_cancel_timer(void)", Handler: threadCancelTimer},
		{Name: "thread_sleep", Proto: "void thread_sleep(event_t event, simple_lock_t lock, boolean_t interruptible)", Handler: threadSleep},
		{Name: "thread_wait_result", Proto: "int thread_wait_result(void)", Handler: threadWaitResult},
		{Name: "thread_wakeup", Proto: "void thread_wakeup(event_t event)", Handler: threadWakeupPrim(false, sched.Awakened)},
		{Name: "thread_wakeup_one", Proto: "void thread_wakeup_one(event_t event)", Handler: threadWakeupPrim(true, sched.Awakened)},
		{Name: "thread_wakeup_prim", Since: "2002", Proto: "kern_return_t thread_wakeup_prim(event_t event, boolean_t one_thread, wait_result_t result)", Handler: threadWakeup},
		{Name: "thread_wakeup_with_result", Since: "2002", Proto: "void thread_wakeup_with_result(event_t event, wait_result_t result)", Handler: threadWakeupResult},
		{Name: "clear_wait", Proto: "kern_return_t clear_wait(thread_t thread, wait_result_t result [, boolean_t interrupt_only])", Handler: clearWait},
	})
	register("kern/locks.h", "2006", "mach bsd", []Row{
		{Name: "lck_mtx_sleep", Proto: "wait_result_t lck_mtx_sleep(lck_mtx_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible)", Handler: lckSleep("lck_mtx", false)},
		{Name: "lck_mtx_sleep_deadline", Proto: "wait_result_t lck_mtx_sleep_deadline(lck_mtx_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible, uint64_t deadline)", Handler: lckSleep("lck_mtx", true)},
		{Name: "lck_spin_sleep", Proto: "wait_result_t lck_spin_sleep(lck_spin_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible)", Handler: lckSleep("lck_spin", false)},
		{Name: "lck_spin_sleep_deadline", Proto: "wait_result_t lck_spin_sleep_deadline(lck_spin_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible, uint64_t deadline)", Handler: lckSleep("lck_spin", true)},
		{Name: "lck_rw_sleep", Proto: "wait_result_t lck_rw_sleep(lck_rw_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible)", Handler: lckRWSleep(false)},
		{Name: "lck_rw_sleep_deadline", Proto: "wait_result_t lck_rw_sleep_deadline(lck_rw_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible, uint64_t deadline)", Handler: lckRWSleep(true)},
	})
}

// Bits of a sleep's priority (<sys/param.h>).
const (
	pcatch = 0x100
	pdrop  = 0x400
)

// Restart is ERESTART, which only the kernel sees.
const errRestart = ^uint64(0)

// interruptible is wait_interrupt_t: 0 is THREAD_UNINT.
func interruptible(v uint32) sched.Interruptibility {
	if v == 0 {
		return sched.Uninterruptible
	}
	return sched.Interruptible
}

// assert begins a wait, checked against the rules.
func (c *Call) assert(event uint64, how sched.Interruptibility, until sched.Deadline) bool {
	if c.T.asserted {
		c.Panic("assert_wait by a thread that waits already")
		return false
	}
	if event == 0 {
		c.Panic("assert_wait for event 0")
		return false
	}
	c.K.assertWait(c.T, event, how, until)
	// thread_terminate sets the mark and then clears the wait: one of the two is seen here.
	if c.T.kern && c.T.terminate.Load() && len(c.act.frames) == 1 {
		c.T.th.ClearWait(sched.Interrupted)
	}
	return true
}

// rt calls a function of the runtime, on behalf of the caller.
func (c *Call) rt(name string, args ...uint64) (uint64, bool) {
	v, err := c.Up(c.K.rtSymbol("_"+name), args...)
	if err != nil && c.failed == nil {
		c.Panic(fmt.Sprintf("%s: %v", name, err))
	}
	return v, err == nil && c.failed == nil
}

// bsdSleep is the body of all sleeps of the BSD half.
func (c *Call) bsdSleep(chan_ uint64, mtx Addr, pri uint32, until sched.Deadline) uint64 {
	if !c.maySleep() {
		return 0
	}
	if mtx != 0 {
		v, ok := c.K.U64(mtx)
		if !ok || Addr(v&^1) != c.T.block {
			return c.Panic("msleep: the mutex is not held")
		}
	}
	how := sched.Uninterruptible
	if pri&pcatch != 0 && int32(pri) >= 0 {
		how = sched.Interruptible
	}
	if chan_ == 0 {
		// Nobody can wake it: only time and signals.
		chan_ = uint64(c.T.block)
	}
	if !c.assert(chan_, how, until) {
		return 0
	}
	if mtx != 0 {
		if _, ok := c.rt("lck_mtx_unlock", uint64(mtx)); !ok {
			c.T.th.ClearWait(sched.Restart)
			c.T.block_()
			return 0
		}
	}
	r := c.T.block_()
	if mtx != 0 && pri&pdrop == 0 {
		if _, ok := c.rt("lck_mtx_lock", uint64(mtx)); !ok {
			return 0
		}
	}
	switch r {
	case sched.TimedOut:
		return uint64(abi.EWOULDBLOCK)
	case sched.Interrupted:
		if p := c.T.proc(); p != nil && p.PendingRestarts(c.T.th) {
			return errRestart
		}
		return uint64(abi.EINTR)
	}
	return 0
}

func msleep(c *Call) uint64 {
	until := sched.Forever
	if ts := c.Addr(4); ts != 0 {
		sec, ok := c.K.U64(ts)
		nsec, ok2 := c.K.U64(ts + 8)
		if !ok || !ok2 {
			return c.Panic("msleep: the timeout can't be read")
		}
		// A time of zero is no limit, as in XNU.
		if sec != 0 || nsec != 0 {
			until = deadline(int64(min(sec, 1<<32))*1e9 + int64(nsec))
		}
	}
	return c.bsdSleep(c.Arg(0), c.Addr(1), c.U32(2), until)
}

func msleep0(c *Call) uint64 {
	return c.bsdSleep(c.Arg(0), c.Addr(1), c.U32(2), sched.Deadline(c.Arg(4)))
}

// ticks is a time in clock ticks of 10 ms; 0 is for ever.
func ticks(n int32) sched.Deadline { return deadline(int64(n) * tickNS) }

func tsleep(c *Call) uint64 { return c.bsdSleep(c.Arg(0), 0, c.U32(1), ticks(c.I32(3))) }

func tsleep0(c *Call) uint64 {
	pri, cont := c.U32(1), c.Addr(4)
	r := c.bsdSleep(c.Arg(0), 0, pri, ticks(c.I32(3)))
	if c.failed != nil || cont == 0 {
		return r
	}
	if pri&pcatch != 0 && (r == uint64(abi.EINTR) || r == errRestart) {
		return 1
	}
	v, _ := c.Up(cont, r)
	return v
}

func sleepOn(c *Call) uint64   { return c.bsdSleep(c.Arg(0), 0, c.U32(1), sched.Forever) }
func wakeup(c *Call) uint64    { c.K.wakeup(c.Arg(0), false, sched.Awakened); return 0 }
func wakeupOne(c *Call) uint64 { c.K.wakeup(c.Arg(0), true, sched.Awakened); return 0 }

func assertWait(c *Call) uint64 {
	c.assert(c.Arg(0), interruptible(c.U32(1)), sched.Forever)
	return waitResult(sched.Waiting)
}

func assertWaitDeadline(c *Call) uint64 {
	c.assert(c.Arg(0), interruptible(c.U32(1)), sched.Deadline(c.Arg(2)))
	return waitResult(sched.Waiting)
}

func assertWaitTimeout(c *Call) uint64 {
	c.assert(c.Arg(0), interruptible(c.U32(1)), deadline(int64(c.U32(2))*int64(c.U32(3))))
	return waitResult(sched.Waiting)
}

// threadBlock waits for what was asserted; without that it gives the processor up.
func threadBlock(c *Call) uint64 {
	if !c.maySleep() {
		return 0
	}
	t := c.T
	if !t.asserted {
		t.th.Yield()
		return waitResult(sched.Awakened)
	}
	return waitResult(t.block_())
}

// setTimer gives the wait that was asserted a limit.
func (c *Call) setTimer(until sched.Deadline) uint64 {
	t := c.T
	if !t.asserted {
		return c.Panic("a timer is set without assert_wait")
	}
	// The wait may have been ended already: then it stays so.
	event, how := t.event, t.how
	if !t.th.ClearWait(sched.Awakened) {
		return 0
	}
	t.th.Block()
	t.bucket.forget(t)
	t.asserted = false
	if c.assert(event, how, until) {
		t.timed.Store(until != sched.Forever)
	}
	return 0
}

func threadSetTimeout(c *Call) uint64       { return c.setTimer(ticks(c.I32(0))) }
func threadSetTimer(c *Call) uint64         { return c.setTimer(deadline(int64(c.U32(0)) * int64(c.U32(1)))) }
func threadSetTimerDeadline(c *Call) uint64 { return c.setTimer(sched.Deadline(c.Arg(0))) }

func threadCancelTimer(c *Call) uint64 {
	if c.T.asserted {
		return c.setTimer(sched.Forever)
	}
	return 0
}

func threadSleep(c *Call) uint64 {
	event, lock, intr := c.Arg(0), c.Arg(1), c.U32(2)
	if !c.assert(event, interruptible(intr), sched.Forever) {
		return 0
	}
	if lock != 0 {
		if _, ok := c.rt("simple_unlock", lock); !ok {
			c.T.th.ClearWait(sched.Restart)
			c.T.block_()
			return 0
		}
	}
	return threadBlock(c)
}

func threadWaitResult(c *Call) uint64 { return waitResult(c.T.result) }

func threadWakeupPrim(one bool, r sched.WaitResult) func(*Call) uint64 {
	return func(c *Call) uint64 { c.K.wakeup(c.Arg(0), one, r); return 0 }
}

func threadWakeup(c *Call) uint64 {
	if c.K.wakeup(c.Arg(0), c.U32(1) != 0, sched.WaitResult(c.I32(2))) == 0 {
		return uint64(abi.KERN_NOT_WAITING)
	}
	return 0
}

func threadWakeupResult(c *Call) uint64 {
	c.K.wakeup(c.Arg(0), false, sched.WaitResult(c.I32(1)))
	return 0
}

// clearWait wakes unless interrupt_only is set and the wait is uninterruptible. The
// third argument counts for code of 1990 only, where there is one; compiled code
// of later times leaves anything there, so only 0 and 1 are believed.
func clearWait(c *Call) uint64 {
	t := c.K.threadAt(c.Addr(0))
	if t == nil {
		return c.Panic("clear_wait: no such thread")
	}
	if c.Arg(2) == 1 && t.how == sched.Uninterruptible {
		return uint64(abi.KERN_FAILURE)
	}
	if !t.th.ClearWait(sched.WaitResult(c.I32(1))) {
		return uint64(abi.KERN_NOT_WAITING)
	}
	return 0
}

// lckSleep waits with a lock released meanwhile.
func lckSleep(kind string, timed bool) func(*Call) uint64 {
	return func(c *Call) uint64 { return c.lockSleep(kind+"_unlock", kind+"_lock", timed) }
}

// Actions of lck_*_sleep.
const (
	lckSleepUnlock    = 1
	lckSleepShared    = 2
	lckSleepExclusive = 4
)

func lckRWSleep(timed bool) func(*Call) uint64 {
	return func(c *Call) uint64 {
		lock, action := c.Arg(0), c.U32(1)
		exclusive := false
		if w, ok := c.K.U64(Addr(lock) + 16); ok && Addr(w) == c.T.block {
			exclusive = true
		}
		again := "lck_rw_lock_shared"
		if action&lckSleepExclusive != 0 || action&lckSleepShared == 0 && exclusive {
			again = "lck_rw_lock_exclusive"
		}
		return c.lockSleep("lck_rw_done", again, timed)
	}
}

func (c *Call) lockSleep(unlock, lock string, timed bool) uint64 {
	l, action, event, how := c.Arg(0), c.U32(1), c.Arg(2), interruptible(c.U32(3))
	until := sched.Forever
	if timed {
		until = sched.Deadline(c.Arg(4))
	}
	if !c.assert(event, how, until) {
		return 0
	}
	if _, ok := c.rt(unlock, l); !ok {
		c.T.th.ClearWait(sched.Restart)
		c.T.block_()
		return 0
	}
	if !c.maySleep() {
		c.T.th.ClearWait(sched.Restart)
		c.T.block_()
		return 0
	}
	r := c.T.block_()
	if action&lckSleepUnlock == 0 {
		if _, ok := c.rt(lock, l); !ok {
			return 0
		}
	}
	return waitResult(r)
}
