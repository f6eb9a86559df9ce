package kpi

import (
	"time"

	"puggle/kernserv"
	"puggle/mach/sched"
)

func init() {
	var spl []Row
	for n, name := range []string{"spl0", "spl1", "spl2", "spl3", "spl4", "spl5", "spl6", "spl7"} {
		spl = append(spl, Row{Name: name, Proto: "int " + name + "(void)", Handler: func(c *Call) uint64 { return c.spl(n) }})
	}
	register("machine/spl.h", "1990", "next", append(spl, Row{Name: "next_splx", Proto: "void splx(int priority)", Handler: splx, Note: "splx of a kernel server"}))
	register("next/cpu.h", "1990", "next", []Row{
		{Name: "install_polled_intr", Proto: "int install_polled_intr(int which, int (*my_intr)(void))", Handler: installPolled},
		{Name: "uninstall_polled_intr", Proto: "int uninstall_polled_intr(int which, int (*my_intr)(void))", Handler: uninstallPolled},
	})
	register("sys/callout.h", "1990", "next", []Row{
		{Name: "us_timeout", Proto: "void us_timeout(int (*function)(), vm_address_t arg, struct timeval *tvp, int priority)", Handler: usTimeoutIn, Note: "every priority is CALLOUT_PRI_SOFTINT0"},
		{Name: "us_abstimeout", Proto: "void us_abstimeout(int (*function)(), vm_address_t arg, struct timeval *tvp, int priority)", Handler: usTimeoutAt, Note: "every priority is CALLOUT_PRI_SOFTINT0"},
		{Name: "us_untimeout", Proto: "boolean_t us_untimeout(int (*function)(), vm_address_t arg)", Handler: usUntimeout},
	})
	register("sys/time.h", "1990", "next", []Row{
		{Name: "next_microtime", Proto: "void microtime(struct timeval *tvp)", Handler: nextTime(calendar), Note: "microtime of a kernel server: both fields are long"},
		{Name: "next_microboot", Proto: "void microboot(struct timeval *tvp)", Handler: nextTime((*KernelTask).uptime), Note: "microboot of a kernel server"},
	})
	register("sys/systm.h", "1990", "next", []Row{
		{Name: "next_copyin", Proto: "int copyin(void *from, void *to, int length)", Handler: minusOne(copyin), Note: "copyin of a kernel server: -1 for any error"},
		{Name: "next_copyout", Proto: "int copyout(void *from, void *to, int length)", Handler: minusOne(copyout), Note: "copyout of a kernel server"},
		{Name: "next_assert_wait", Header: "kern/sched_prim.h", Proto: "void assert_wait(int event, boolean_t interruptible)", Handler: nextAssertWait, Note: "assert_wait of a kernel server: event 0 is one that never happens"},
		{Name: "next_uiomove", Header: "sys/conf.h", Proto: "int uiomove(void *cp, int n, enum uio_rw rw, struct uio *uio)", Handler: nextUiomove, Note: "uiomove of a kernel server; the direction is the uio's own"},
	})
}

// minusOne gives -1 for an error number, as the 1990 manual has it.
func minusOne(f func(*Call) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		if f(c) != 0 {
			return ^uint64(0)
		}
		return 0
	}
}

func (c *Call) spl(level int) uint64 {
	l := c.loader()
	if l == nil {
		return 0
	}
	old := l.Interrupts.Spl(c.Thread(), level)
	c.K.PutU32(c.T.block+tbIPL, uint32(level))
	return uint64(old)
}

func splx(c *Call) uint64 {
	l := c.loader()
	if l == nil {
		return 0
	}
	if err := l.Interrupts.Splx(c.Thread(), int(c.I32(0))); err != nil {
		return c.Panic(err.Error())
	}
	c.K.PutU32(c.T.block+tbIPL, c.U32(0))
	return 0
}

func installPolled(c *Call) uint64 {
	if l := c.loader(); l != nil {
		return uint64(int64(l.Interrupts.InstallPolled(int(c.I32(0)), c.Addr(1))))
	}
	return 0
}

func uninstallPolled(c *Call) uint64 {
	if l := c.loader(); l != nil {
		return uint64(int64(l.Interrupts.UninstallPolled(int(c.I32(0)), c.Addr(1))))
	}
	return 0
}

// usTick is the system clock's tick, to which timeouts are rounded up.
const usTick = 10 * time.Millisecond

func usTimeoutIn(c *Call) uint64 { return c.usTimeout(0) }
func usTimeoutAt(c *Call) uint64 { return c.usTimeout(c.K.boot) }

// usTimeout schedules a function at a time since base, 0 for now.
func (c *Call) usTimeout(base sched.Deadline) uint64 {
	k, l := c.K, c.loader()
	if l == nil {
		return 0
	}
	sec, ok := k.U64(c.Addr(2))
	usec, ok2 := k.U64(c.Addr(2) + 8)
	if !ok || !ok2 {
		return c.Panic("a timeout's struct timeval can't be read")
	}
	d := time.Duration(min(sec, 1<<32))*time.Second + time.Duration(min(usec, 1<<40))*time.Microsecond
	if base != 0 {
		d = max(d-time.Duration(sched.Now()-base), 0)
	}
	d = (d + usTick - 1) / usTick * usTick
	t := &usTimeout{fn: c.Addr(0), arg: c.Addr(1)}
	n := &k.next
	n.mu.Lock()
	if len(n.timeouts) >= maxCallouts {
		n.mu.Unlock()
		return c.Panic("too many timeouts")
	}
	n.timeouts[t] = struct{}{}
	n.mu.Unlock()
	k.AddReference("timeout", t, k.Symbolize(t.fn), func(*sched.Thread) { k.next.cancel(k, t) }, t.fn)
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.timeouts[t]; !ok {
		return 0
	}
	t.timer = time.AfterFunc(d, func() {
		l.Interrupts.Raise(kernserv.IPLSoftInt0, nil, func(th *sched.Thread) {
			if k.next.take(t) {
				l.Interrupt(th, kernserv.IPLSoftInt0, t.fn, uint64(t.arg))
				k.DropReference("timeout", t) // until now it kept the server
			}
		})
	})
	return 0
}

// cancel takes a timeout back; false if it was not there any more.
func (n *next) cancel(k *KernelTask, t *usTimeout) bool {
	ok := n.take(t)
	if ok {
		k.DropReference("timeout", t)
	}
	return ok
}

// take removes a timeout from the table; false if it was not there any more.
func (n *next) take(t *usTimeout) bool {
	n.mu.Lock()
	_, ok := n.timeouts[t]
	delete(n.timeouts, t)
	if t.timer != nil {
		t.timer.Stop()
	}
	n.mu.Unlock()
	return ok
}

func usUntimeout(c *Call) uint64 {
	n := &c.K.next
	n.mu.Lock()
	var found *usTimeout
	for t := range n.timeouts {
		if t.fn == c.Addr(0) && t.arg == c.Addr(1) {
			found = t
			break
		}
	}
	n.mu.Unlock()
	return boolean(found != nil && n.cancel(c.K, found))
}

// nextTime stores a time in microseconds in 1990's struct timeval.
func nextTime(now func(*KernelTask) int64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		ns := now(c.K)
		if c.Put64(c.Addr(0), uint64(ns/1e9)) {
			c.Put64(c.Addr(0)+8, uint64(ns%1e9/1000))
		}
		return 0
	}
}

// nextUiomove is uiomove with 4.3BSD's third argument, which says what the uio knows.
func nextUiomove(c *Call) uint64 {
	c.regs.Rdx = c.regs.R10
	return uiomove(c)
}

// nextAssertWait is assert_wait, with the manual's event 0 (5-2): only a timeout or
// clear_wait ends such a wait.
func nextAssertWait(c *Call) uint64 {
	if c.regs.Rdi == 0 {
		c.regs.Rdi = uint64(c.T.block) + 1 // nobody's address
	}
	return assertWait(c)
}
