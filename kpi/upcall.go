package kpi

import (
	"errors"
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/mach/sched"
	"puggle/mach/task"
	"puggle/machine"
)

// Errors of upcalls.
var (
	// ErrNoMemory means that there was no memory for a stack or a context.
	ErrNoMemory = errors.New("out of kernel memory")
	// ErrDead means that the extension has panicked before, or the kernel task
	// is gone.
	ErrDead = errors.New("the extension has panicked")
)

// activation is a context and a stack, borrowed by a thread that runs code.
type activation struct {
	cpu    machine.Context
	stack  stack
	mu     sync.Mutex // guards thread, frames, and registers out of the guest
	thread *kthread
	frames []frame
	epoch  atomic.Uint32 // epochRuns, epochInside, and a count of entries above them
	hung   atomic.Bool   // the watchdog's verdict

	parked  bool // it waits for a debugger: under Debugger.mu
	stepped bool // the trap flag is a debugger's; set while it is parked
}

// Bits of activation.epoch, which only the thread itself changes.
const (
	epochRuns   = 1 // code runs
	epochInside = 2 // a call of the kernel is in progress
	epochCount  = 4
)

// begins and leaves note that code runs, and that it does no more.
func (a *activation) begins() { a.epoch.Store(a.epoch.Load()&^(epochCount-1) + epochCount + epochRuns) }
func (a *activation) leaves(inside uint32) {
	a.epoch.Store(a.epoch.Load()&^(epochCount-1) | inside)
}

// enter and leave begin and end an upcall's frame. Only the thread itself changes
// frames.
func (a *activation) enter(t *kthread, f frame, r *machine.Regs) {
	a.mu.Lock()
	a.cpu.SetRegs(r)
	a.thread = t
	a.frames = append(a.frames, f)
	a.mu.Unlock()
}

// leave restores the registers of the frame before, if there is one.
func (a *activation) leave(saved *machine.Regs) {
	a.mu.Lock()
	a.frames = a.frames[:len(a.frames)-1]
	if saved != nil {
		a.cpu.SetRegs(saved)
	}
	a.mu.Unlock()
}

// serve tells the context which guest's thread waits for it: th's own, or nobody.
func (a *activation) serve(th *sched.Thread) {
	s, ok := a.cpu.(machine.Server)
	if !ok {
		return
	}
	var guest machine.Context
	if th != nil {
		if t, ok := th.Owner.(*task.Thread); ok {
			guest = t.Context()
		}
	}
	s.Serve(guest)
}

// inside gives the thread on whose stack code of e is; nil if there is none.
func (a *activation) inside(e *Extension) *kthread {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.frames {
		if f.ext == e {
			return a.thread
		}
	}
	return nil
}

// frame is one upcall in progress.
type frame struct {
	fn  Addr
	ext *Extension // whose function it is, nil for the runtime
}

// maxDepth bounds nested upcalls on one stack.
const maxDepth = 32

// Call runs the function at fn with up to 32 integer arguments on th, which must be the
// caller's own thread, and gives what it returns. Errors: *Panic when the code
// died, ErrDead when it had before, ErrNoMemory. It may sleep; no lock may be
// held. Calls may nest.
func (k *KernelTask) Call(th *sched.Thread, fn Addr, args ...uint64) (uint64, error) {
	t, err := k.thread(th)
	if err != nil {
		return 0, err
	}
	v, err := k.call(t, fn, StackSize, args)
	k.after(t)
	return v, err
}

// callSoon is Call for a callout: unloading waits for it.
func (k *KernelTask) callSoon(th *sched.Thread, fn Addr, args ...uint64) (uint64, error) {
	t, err := k.thread(th)
	if err != nil {
		return 0, err
	}
	t.soon = true
	v, err := k.call(t, fn, StackSize, args)
	k.after(t)
	return v, err
}

// CallContext is Call on behalf of ctx: copyin and current_proc are about its
// process.
func (k *KernelTask) CallContext(ctx *sys.Context, fn Addr, args ...uint64) (uint64, error) {
	t, err := k.thread(ctx.Thread)
	if err != nil {
		return 0, err
	}
	was := t.ctx
	t.ctx = ctx
	t.keep = t.keep || ofProcess(ctx)
	v, err := k.call(t, fn, StackSize, args)
	t.ctx = was
	k.after(t)
	return v, err
}

// ofProcess says whether ctx's thread is one of its process's own, for which ThreadGone will come;
// the kernel has others that work for a process, too.
func ofProcess(ctx *sys.Context) bool {
	p, ok := ctx.Proc.(*kern.Proc)
	return ok && p.HasThread(ctx.Thread)
}

// CallSmall is Call with a stack of NeXTSmallStack bytes, as the 1990 document has
// it. When it nests, it shares the stack that is in use.
func (k *KernelTask) CallSmall(th *sched.Thread, fn Addr, args ...uint64) (uint64, error) {
	t, err := k.thread(th)
	if err != nil {
		return 0, err
	}
	v, err := k.call(t, fn, NeXTStackSize, args)
	k.after(t)
	return v, err
}

// CallInterrupt is Call at interrupt level ipl: what sleeps there is a panic.
func (k *KernelTask) CallInterrupt(th *sched.Thread, ipl uint32, fn Addr, args ...uint64) (uint64, error) {
	t, err := k.thread(th)
	if err != nil {
		return 0, err
	}
	t.soon = true
	oldI, _ := k.U32(t.block + tbInterrupt)
	oldL, _ := k.U32(t.block + tbIPL)
	k.PutU32(t.block+tbInterrupt, oldI+1)
	k.PutU32(t.block+tbIPL, ipl)
	v, err := k.call(t, fn, StackSize, args)
	k.PutU32(t.block+tbInterrupt, oldI)
	k.PutU32(t.block+tbIPL, oldL)
	k.after(t)
	return v, err
}

// after forgets a thread that was made for one call.
func (k *KernelTask) after(t *kthread) {
	if t.act != nil {
		return
	}
	for _, h := range t.borrowed {
		k.handle.unref(h)
	}
	t.borrowed = t.borrowed[:0]
	if !t.keep {
		k.dropThread(t)
	}
}

func (k *KernelTask) call(t *kthread, fn Addr, size uint64, args []uint64) (uint64, error) {
	return k.callAs(k.extensionAt(fn), t, fn, size, args)
}

// callAs is call of a function of the runtime that works for an extension.
func (k *KernelTask) callAs(ext *Extension, t *kthread, fn Addr, size uint64, args []uint64) (uint64, error) {
	if ext != nil && ext.dead.Load() {
		return 0, ErrDead
	}
	act, outer := t.act, t.act == nil
	var saved machine.Regs
	if outer {
		var err error
		if act, err = k.takeActivation(size); err != nil {
			return 0, err
		}
		t.act = act
		act.serve(t.th)
	} else {
		if len(act.frames) >= maxDepth {
			return 0, ErrNoMemory
		}
		saved = *act.cpu.Regs()
	}
	r := machine.Regs{Rip: uint64(fn), GSBase: uint64(t.block), Rflags: 0x202}
	sp := act.stack.top
	if !outer {
		sp, r.Rbp = Addr(saved.Rsp-128)&^15, saved.Rbp
	}
	if !k.pushArgs(&r, sp, args) {
		if !outer {
			return 0, ErrNoMemory
		}
		act.serve(nil)
		k.dropActivation(act, false)
		t.act = nil
		return 0, ErrNoMemory
	}
	act.enter(t, frame{fn, ext}, &r)
	v, p := k.run(act)
	if outer {
		act.leave(nil)
		act.serve(nil)
		t.act = nil
		t.dropFunnel(k)
		k.dropActivation(act, p == nil)
	} else {
		act.leave(&saved)
		act.leaves(epochInside) // the call of the kernel that called us goes on
	}
	if p != nil {
		return 0, p
	}
	return v, nil
}

// pushArgs lays out a call by the C convention.
func (k *KernelTask) pushArgs(r *machine.Regs, sp Addr, args []uint64) bool {
	regs := [6]*uint64{&r.Rdi, &r.Rsi, &r.Rdx, &r.Rcx, &r.R8, &r.R9}
	for i := 0; i < len(args) && i < 6; i++ {
		*regs[i] = args[i]
	}
	var b [8 * 27]byte
	n := max(len(args)-6, 0)
	if n > 26 {
		return false
	}
	le.PutUint64(b[:], uint64(k.stubs)) // the return stub
	for i := range n {
		le.PutUint64(b[8+8*i:], args[6+i])
	}
	sp -= Addr((8*n + 15) &^ 15)
	sp -= 8 // rsp is 8 mod 16 at entry
	r.Rsp = uint64(sp)
	return k.Write(sp, b[:8+8*n])
}

// run lets code run until its upcall returns.
func (k *KernelTask) run(act *activation) (uint64, *Panic) {
	c := &Call{K: k, T: act.thread, act: act}
	cpu := act.cpu
	var v uint64
	answer := false // v is a call's result, which the code has not got yet
	for {
		act.begins()
		if k.dbg.stopping.Load() {
			// After the epoch: either we see the gate closed, or who closed it sees us.
			act.leaves(0)
			if answer {
				act.mu.Lock()
				cpu.Return(v, c.result2, false)
				act.mu.Unlock()
				answer, c.result2 = false, 0
			}
			if k.dbg.only.Load() != act && k.dbg.park(act) {
				continue
			}
			act.begins()
		}
		if answer {
			cpu.Return(v, c.result2, false)
			answer, c.result2 = false, 0
		}
		trap := cpu.Run()
		if trap.Kind == machine.TrapSyscall {
			act.leaves(epochInside)
		} else {
			act.leaves(0)
		}
		switch trap.Kind {
		case machine.TrapSyscall:
			r := cpu.Args()
			n := uint64(uint32(r.Rax)) - callBase
			if !trap.Fast || n > uint64(len(table)) {
				return 0, k.panicAt(act, "a system call instruction in kernel code")
			}
			if n != callReturn && table[n-1].Handler == nil {
				return 0, k.panicAt(act, "a call of "+table[n-1].Name+", which has no number")
			}
			if n == callReturn {
				if p := c.leaving(); p != nil {
					return 0, p
				}
				return r.Rdi, nil
			}
			c.regs = r
			v, answer = table[n-1].Handler(c), true
			if c.T.kern && c.T.terminate.Load() && c.failed == nil && len(act.frames) == 1 {
				if c.failed = errEnded; c.T.overdue {
					c.failed = nil
					c.Panic("a timer of a thread that was terminated has expired")
				}
			}
			if c.failed != nil {
				p := c.failed
				return 0, p
			}
			if e := act.frames[len(act.frames)-1].ext; e != nil && e.dead.Load() {
				return 0, e.lastPanic()
			}
		case machine.TrapFault:
			kr := k.Map.Fault(trap.Addr, access(trap))
			if kr != 0 {
				done, p := k.deviceFault(act, trap)
				if p != nil {
					return 0, p
				}
				if !done {
					return 0, k.faulted(act, trap)
				}
			}
		case machine.TrapKick:
			if act.hung.Load() {
				return 0, k.panicAt(act, "a routine hangs: it neither called nor returned for "+k.cfg.HangLimit.String())
			}
			act.thread.th.Yield()
		case machine.TrapException:
			if k.dbg.exception(act, trap.Vector) {
				continue
			}
			return 0, k.panicAt(act, exceptionName(trap.Vector))
		case machine.TrapBad:
			return 0, k.panicAt(act, "an instruction that no kernel code may use")
		default:
			return 0, &Panic{Reason: "the kernel task has died"}
		}
	}
}

func access(t machine.Trap) abi.Prot {
	switch {
	case t.Write:
		return abi.VM_PROT_READ | abi.VM_PROT_WRITE
	case t.Exec:
		return abi.VM_PROT_READ | abi.VM_PROT_EXECUTE
	}
	return abi.VM_PROT_READ
}

// Call is one call of the KPI by code, as its handler sees it.
type Call struct {
	K *KernelTask
	T *kthread

	act     *activation
	regs    *machine.Regs
	failed  *Panic
	result2 uint64 // rdx
}

// Arg is argument i, from 0.
func (c *Call) Arg(i int) uint64 {
	switch i {
	case 0:
		return c.regs.Rdi
	case 1:
		return c.regs.Rsi
	case 2:
		return c.regs.Rdx
	case 3:
		return c.regs.R10
	case 4:
		return c.all().R8
	case 5:
		return c.all().R9
	}
	v, ok := c.K.U64(Addr(c.all().Rsp) + 8 + Addr(8*(i-6)))
	if !ok {
		c.Panic("the stack can't be read")
	}
	return v
}

// all is every register; Args has given the first of them.
func (c *Call) all() *machine.Regs { return c.act.cpu.Regs() }

func (c *Call) Addr(i int) Addr  { return Addr(c.Arg(i)) }
func (c *Call) I32(i int) int32  { return int32(c.Arg(i)) }
func (c *Call) U32(i int) uint32 { return uint32(c.Arg(i)) }

// Thread is what sleeps.
func (c *Call) Thread() *sched.Thread { return c.T.th }

// Caller is the address in the code that called.
func (c *Call) Caller() Addr {
	v, _ := c.K.U64(Addr(c.all().Rsp))
	return Addr(v)
}

// Owner is the extension that called. What the runtime calls on behalf of an
// extension counts as the extension's.
func (c *Call) Owner() *Extension {
	if e := c.K.extensionAt(c.Caller()); e != nil {
		return e
	}
	return c.act.frames[len(c.act.frames)-1].ext
}

// Up calls code again, from a handler, on the same stack.
func (c *Call) Up(fn Addr, args ...uint64) (uint64, error) {
	v, err := c.K.call(c.T, fn, StackSize, args)
	var p *Panic
	if err == errEnded {
		c.failed = errEnded
	} else if errors.As(err, &p) && p.Extension != nil && p.Extension == c.act.frames[len(c.act.frames)-1].ext {
		c.failed = p
	}
	return v, err
}

// borrow gives a handle that is good until the outermost upcall returns.
func (c *Call) borrow(o any) Addr { return c.K.borrow(c.T, o) }

func (k *KernelTask) borrow(t *kthread, o any) Addr {
	for _, h := range t.borrowed {
		if k.handle.get(h) == o {
			return h
		}
	}
	a := k.handle.ref(o)
	if a != 0 {
		t.borrowed = append(t.borrowed, a)
	}
	return a
}

// Panic is the end of the calling extension, for a reason. The handler's result
// doesn't count; it returns 0 for the handler to return.
func (c *Call) Panic(reason string) uint64 {
	if c.failed == nil {
		c.failed = c.K.panicAt(c.act, reason)
	}
	return 0
}

// String is argument i as a C string; a bad pointer is a panic, ok is false then.
func (c *Call) String(i, max int) (string, bool) {
	s, ok := c.K.String(c.Addr(i), max)
	if !ok {
		c.Panic("a string argument can't be read, or is too long")
	}
	return s, ok
}

// Put64 and Put32 store results; a bad pointer is a panic.
func (c *Call) Put64(a Addr, v uint64) bool {
	if !c.K.PutU64(a, v) {
		c.Panic("a result can't be stored at " + hex(a))
		return false
	}
	return true
}

func (c *Call) Put32(a Addr, v uint32) bool {
	if !c.K.PutU32(a, v) {
		c.Panic("a result can't be stored at " + hex(a))
		return false
	}
	return true
}

// maySleep is false, and the extension dead, where sleeping is forbidden.
func (c *Call) maySleep() bool {
	if n, _ := c.K.U32(c.T.block + tbInterrupt); n > 0 {
		c.Panic("sleeping in an interrupt handler")
		return false
	}
	if n, _ := c.K.U32(c.T.block + tbSpins); n > 0 {
		c.Panic("sleeping with a spin lock held")
		return false
	}
	return true
}

// leaving checks what a function may not leave behind.
func (c *Call) leaving() *Panic {
	if len(c.act.frames) > 1 {
		return nil
	}
	if n, _ := c.K.U32(c.T.block + tbSpins); n > 0 {
		return c.K.panicAt(c.act, "a spin lock is still held when the routine returns")
	}
	return nil
}
