package kpi

import (
	"sync"

	"puggle/mach/sched"
)

func init() {
	var spl []Row
	for _, n := range []string{"splbio", "splclock", "splhigh", "splimp", "spllo", "splnet", "sploff", "splpower", "splsched", "splsoftclock",
		"splstatclock", "spltty", "splvm"} {
		spl = append(spl, Row{Name: n, Proto: "unsigned " + n + "(void)", Handler: splFunnel, Note: "nothing; a panic without a funnel"})
	}
	register("sys/systm.h", "2002", "bsd", append(spl,
		Row{Name: "splx", Proto: "void splx(unsigned level)", Handler: splFunnel, Note: "nothing; a panic without a funnel"}))
	register("kern/thread.h", "2002", "mach bsd", []Row{
		{Name: "thread_funnel_get", Proto: "funnel_t *thread_funnel_get(void)", Handler: funnelGet},
		{Name: "thread_funnel_set", Proto: "boolean_t thread_funnel_set(funnel_t *funnel, boolean_t funneled)", Handler: funnelSet, Note: "system calls come without a funnel"},
		{Name: "kernel_flock", Proto: "funnel_t *kernel_flock", Data: true},
		{Name: "network_flock", Proto: "funnel_t *network_flock", Data: true},
	})
}

// funnel is one of the coarse locks of the 2002 document: it serialises all code that
// takes it, and is let go while its holder sleeps.
type funnel struct {
	a    Addr
	mu   sync.Mutex
	held *kthread
}

// take waits for the funnel. t must not have asserted a wait.
func (f *funnel) take(k *KernelTask, t *kthread) {
	for {
		f.mu.Lock()
		if f.held == nil {
			f.held = t
			f.mu.Unlock()
			return
		}
		k.assertWait(t, uint64(f.a), sched.Uninterruptible, sched.Forever)
		f.mu.Unlock()
		t.wait()
	}
}

func (f *funnel) drop(k *KernelTask) {
	f.mu.Lock()
	f.held = nil
	f.mu.Unlock()
	k.wakeup(uint64(f.a), true, sched.Awakened)
}

func splFunnel(c *Call) uint64 {
	if c.T.funnel == nil {
		return c.Panic("spl without a funnel held")
	}
	return 0
}

func funnelGet(c *Call) uint64 {
	if f := c.T.funnel; f != nil {
		return uint64(f.a)
	}
	return 0
}

// funnelSet gives whether the thread had a funnel.
func funnelSet(c *Call) uint64 {
	f, ok := c.K.handle.get(c.Addr(0)).(*funnel)
	if !ok {
		return c.Panic("thread_funnel_set: " + hex(c.Addr(0)) + " is no funnel")
	}
	had := c.T.funnel
	switch on := c.U32(1) != 0; {
	case on && had == f:
	case on && had != nil:
		return c.Panic("thread_funnel_set: another funnel is held")
	case on:
		if !c.maySleep() {
			return 0
		}
		if c.T.asserted {
			return c.Panic("thread_funnel_set between assert_wait and thread_block")
		}
		f.take(c.K, c.T)
		c.T.funnel = f
	case had == f:
		c.T.dropFunnel(c.K)
	}
	return boolean(had != nil)
}

// dropFunnel lets the thread's funnel go, if it has one.
func (t *kthread) dropFunnel(k *KernelTask) {
	if f := t.funnel; f != nil {
		t.funnel = nil
		f.drop(k)
	}
}
