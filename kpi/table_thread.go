package kpi

import (
	"puggle/abi"
	"puggle/mach/sched"
	machsync "puggle/mach/sync"
)

func init() {
	register("kern/thread.h", "1990", "mach bsd", []Row{
		{Name: "kernel_thread", Proto: "thread_t kernel_thread(task_t task, void (*start)(void))", Handler: kernelThread},
		{Name: "kernel_thread_start", Since: "2006", Proto: "kern_return_t kernel_thread_start(thread_continue_t continuation, void *parameter, thread_t *new_thread)", Handler: kernelThreadStart},
		{Name: "thread_terminate", Proto: "kern_return_t thread_terminate(thread_t thread)", Handler: threadTerminate},
		{Name: "thread_halt_self", Proto: "void thread_halt_self(void)", Handler: threadHaltSelf},
		{Name: "thread_self", Proto: "thread_t thread_self(void)", Handler: func(c *Call) uint64 { return uint64(c.T.block) }},
		{Name: "thread_reference", Since: "2006", Proto: "void thread_reference(thread_t thread)", Handler: func(*Call) uint64 { return 0 }},
		{Name: "thread_deallocate", Since: "2006", Proto: "void thread_deallocate(thread_t thread)", Handler: func(*Call) uint64 { return 0 }},
		{Name: "thread_yield_internal", KPI: "unsupported", Since: "2006", Proto: "void thread_yield_internal(int ms)", Handler: yield},
		{Name: "current_task", Proto: "task_t current_task(void)", Handler: currentTask},
	})
	register("IOKit/IOLib.h", "2002", "iokit", []Row{
		{Name: "IOCreateThread", Proto: "IOThread IOCreateThread(IOThreadFunc function, void *argument)", Handler: ioCreateThread},
		{Name: "IOExitThread", Proto: "void IOExitThread(void)", Handler: threadHaltSelf},
	})
	register("mach/semaphore.h", "2002", "mach", []Row{
		{Name: "semaphore_create", Proto: "kern_return_t semaphore_create(task_t task, semaphore_t *semaphore, int policy, int value)", Handler: semaphoreCreate},
		{Name: "semaphore_destroy", Proto: "kern_return_t semaphore_destroy(task_t task, semaphore_t semaphore)", Handler: semaphoreDestroy},
		{Name: "semaphore_signal", Proto: "kern_return_t semaphore_signal(semaphore_t semaphore)", Handler: sem(func(c *Call, s *machsync.Semaphore) abi.KernReturn { return s.Signal() })},
		{Name: "semaphore_signal_all", Proto: "kern_return_t semaphore_signal_all(semaphore_t semaphore)", Handler: sem(func(c *Call, s *machsync.Semaphore) abi.KernReturn { return s.SignalAll() })},
		{Name: "semaphore_signal_thread", Proto: "kern_return_t semaphore_signal_thread(semaphore_t semaphore, thread_act_t thread)", Handler: sem(signalThread)},
		{Name: "semaphore_wait", Proto: "kern_return_t semaphore_wait(semaphore_t semaphore)", Handler: sem(func(c *Call, s *machsync.Semaphore) abi.KernReturn { return c.semWait(s, sched.Forever) })},
		{Name: "semaphore_timedwait", Proto: "kern_return_t semaphore_timedwait(semaphore_t semaphore, mach_timespec_t wait_time)", Handler: sem(semTimedWait)},
	})
}

// errEnded unwinds a thread that ended itself.
var errEnded = &Panic{Reason: "the thread has ended"}

// maxKernelThreads bounds the threads that code makes.
const maxKernelThreads = 1024

// startThread makes a kernel thread that calls fn.
func (c *Call) startThread(fn Addr, args ...uint64) *kthread {
	k := c.K
	k.mu.Lock()
	if k.made >= maxKernelThreads || k.closed {
		k.mu.Unlock()
		return nil
	}
	k.made++
	k.mu.Unlock()
	th := new(sched.Thread)
	th.Init("kernel_task/"+k.Symbolize(fn), k.cfg.Tasks.Processors)
	th.SetTaskPriority(sched.BasePriKernel, sched.MaxPriKernel)
	t, err := k.thread(th)
	if err != nil {
		k.mu.Lock()
		k.made--
		k.mu.Unlock()
		return nil
	}
	t.keep, t.kern = true, true
	k.AddReference("thread", t, k.Symbolize(fn), nil, fn)
	go func() {
		th.Attach()
		k.call(t, fn, StackSize, args)
		th.Detach()
		k.DropReference("thread", t)
		k.dropThread(t)
		k.mu.Lock()
		k.made--
		k.mu.Unlock()
	}()
	return t
}

func (t *kthread) handle() uint64 {
	if t == nil {
		return 0
	}
	return uint64(t.block)
}

func kernelThread(c *Call) uint64   { return c.startThread(c.Addr(1)).handle() }
func ioCreateThread(c *Call) uint64 { return c.startThread(c.Addr(0), c.Arg(1)).handle() }

func kernelThreadStart(c *Call) uint64 {
	t := c.startThread(c.Addr(0), c.Arg(1), 0)
	if t == nil {
		return uint64(abi.KERN_RESOURCE_SHORTAGE)
	}
	if p := c.Addr(2); p != 0 {
		c.Put64(p, uint64(t.block))
	}
	return 0
}

// threadTerminate marks a thread to end; of itself, it ends in thread_halt_self or
// when it returns. Another thread ends at its next call of the kernel; if it waits with
// thread_set_timer's, that goes on, and is a panic when it expires, as the document warns. Other
// waits end, those with a time, too.
func threadTerminate(c *Call) uint64 {
	t := c.K.threadAt(c.Addr(0))
	if t == nil || !t.kern {
		return uint64(abi.KERN_INVALID_ARGUMENT)
	}
	t.terminate.Store(true)
	if t != c.T && !t.timed.Load() {
		t.th.ClearWait(sched.Interrupted)
	}
	return 0
}

// threadHaltSelf ends the calling thread, which the kernel must have made for code.
func threadHaltSelf(c *Call) uint64 {
	if !c.T.kern {
		return c.Panic("a thread that isn't the kernel's own ends itself")
	}
	if n, _ := c.K.U32(c.T.block + tbSpins); n > 0 {
		return c.Panic("a thread ends with a spin lock held")
	}
	c.failed = errEnded
	return 0
}

func yield(c *Call) uint64 { c.T.th.Yield(); return 0 }

// currentTask is a handle of the task; the kernel's own for kernel threads.
func currentTask(c *Call) uint64 {
	if p := c.T.proc(); p != nil && p.Task != nil {
		return uint64(c.borrow(p.Task))
	}
	return uint64(c.K.taskHandle)
}

// semaphore is one that code made, or one of a program's that it found by name.
type semaphore struct {
	*machsync.Semaphore
	named bool
}

func semaphoreCreate(c *Call) uint64 {
	s, kr := machsync.NewSemaphore(c.I32(2), c.I32(3))
	if kr != 0 {
		return uint64(uint32(kr))
	}
	return c.giveHandle(&semaphore{s, false})
}

func semaphoreDestroy(c *Call) uint64 {
	s, ok := c.K.handle.get(c.Addr(1)).(*semaphore)
	if !ok || s.named || !c.K.handle.take(c.Addr(1), s) {
		return uint64(abi.KERN_INVALID_ARGUMENT)
	}
	s.Destroy()
	return 0
}

func sem(f func(c *Call, s *machsync.Semaphore) abi.KernReturn) func(*Call) uint64 {
	return func(c *Call) uint64 {
		s, ok := c.K.handle.get(c.Addr(0)).(*semaphore)
		if !ok {
			return uint64(abi.KERN_INVALID_ARGUMENT)
		}
		return uint64(uint32(f(c, s.Semaphore)))
	}
}

func (c *Call) semWait(s *machsync.Semaphore, until sched.Deadline) abi.KernReturn {
	if !c.maySleep() {
		return 0
	}
	return s.Wait(c.T.th, until)
}

func semTimedWait(c *Call, s *machsync.Semaphore) abi.KernReturn {
	// mach_timespec_t is two 32-bit numbers, in one register.
	v := c.Arg(1)
	ns := int64(uint32(v))*1e9 + int64(v>>32)
	return c.semWait(s, sched.Now()+sched.Deadline(ns))
}

func signalThread(c *Call, s *machsync.Semaphore) abi.KernReturn {
	if c.Addr(1) == 0 {
		return s.Signal()
	}
	t := c.K.threadAt(c.Addr(1))
	if t == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	return s.SignalThread(t.th)
}
