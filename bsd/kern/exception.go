package kern

import (
	"puggle/abi"
	"puggle/mach/task"
	"puggle/machine"
)

// exception turns a fault that nobody resolved into a Mach exception, and what
// that leaves into a signal to the thread.
func (s *System) exception(th *task.Thread, t machine.Trap, kr abi.KernReturn) {
	ut := Current(th)
	ut.interrupted.set = false
	p := ut.Proc
	switch t.Kind {
	case machine.TrapDead:
		// The address space is gone; nothing can run any more.
		p.exit1(th, abi.WSignal(abi.SIGKILL))
		return
	case machine.TrapBad:
		// int 0x80 and its like: no such call on a 64-bit Darwin.
		p.fault(ut, abi.SIGSYS, abi.Siginfo{})
		return
	}
	e := classify(t, kr)
	if h := s.Hooks.Exception; h != nil && h(th, e.exc, e.code, e.sub) {
		return
	}
	info := abi.Siginfo{Code: e.sicode, Addr: e.addr}
	// The es part of the mcontext: trap number and error code.
	info.Errno = int32(e.trapno)<<16 | int32(e.err&0xffff)
	sig := e.sig
	if sig == abi.SIGBUS && kr == abi.KERN_PROTECTION_FAILURE && p.onMainStack(t.Addr) {
		sig, info.Code = abi.SIGSEGV, abi.SEGV_ACCERR
	}
	p.fault(ut, sig, info)
}

// spaceDied kills a process whose address space has ended from outside: threads that
// sleep in a call wake, and see it.
func spaceDied(t *task.Task) {
	p, _ := t.BSD.(*Proc)
	if p == nil {
		for _, th := range t.Threads() {
			th.SetAST(task.ASTTerminate)
		}
		return
	}
	p.mu.Lock()
	exiting := p.exiting
	p.mu.Unlock()
	if !exiting {
		p.Signal(abi.SIGKILL)
	}
}

// guard tells the exception ports of a broken guard; a fatal one is the process's end,
// whatever they say.
func (s *System) guard(th *task.Thread, code, sub uint64, fatal bool) {
	if h := s.Hooks.Exception; h != nil {
		h(th, abi.EXC_GUARD, code, sub)
	}
	if fatal {
		Current(th).ExitSignal(abi.SIGKILL)
	}
}

// excInfo is a processor exception in Mach's and in Unix's terms.
type excInfo struct {
	exc       int
	code, sub uint64
	sig       abi.Signal
	sicode    int32
	addr      uint64
	trapno    uint16
	err       uint32
}

// vectors are the processor exceptions other than page faults.
var vectors = map[uint8]excInfo{
	0:  {exc: abi.EXC_ARITHMETIC, code: abi.EXC_I386_DIV, sig: abi.SIGFPE, sicode: abi.FPE_INTDIV},
	1:  {exc: abi.EXC_BREAKPOINT, code: abi.EXC_I386_SGL, sig: abi.SIGTRAP, sicode: abi.TRAP_BRKPT},
	3:  {exc: abi.EXC_BREAKPOINT, code: abi.EXC_I386_BPT, sig: abi.SIGTRAP, sicode: abi.TRAP_BRKPT},
	4:  {exc: abi.EXC_ARITHMETIC, code: abi.EXC_I386_INTO, sig: abi.SIGFPE, sicode: abi.FPE_INTOVF},
	5:  {exc: abi.EXC_SOFTWARE, code: abi.EXC_I386_BOUND, sig: abi.SIGTRAP, sicode: abi.TRAP_BRKPT},
	6:  {exc: abi.EXC_BAD_INSTRUCTION, code: abi.EXC_I386_INVOP, sig: abi.SIGILL, sicode: abi.ILL_ILLOPC},
	13: {exc: abi.EXC_BAD_ACCESS, code: abi.EXC_I386_GPFLT, sig: abi.SIGSEGV},
	16: {exc: abi.EXC_ARITHMETIC, code: abi.EXC_I386_EXTERR, sig: abi.SIGFPE},
	17: {exc: abi.EXC_BAD_ACCESS, code: abi.EXC_I386_ALIGNFLT, sig: abi.SIGBUS, sicode: abi.BUS_ADRERR},
	19: {exc: abi.EXC_ARITHMETIC, code: abi.EXC_I386_SSEEXTERR, sig: abi.SIGFPE},
}

func classify(t machine.Trap, kr abi.KernReturn) excInfo {
	if t.Kind == machine.TrapFault {
		e := excInfo{exc: abi.EXC_BAD_ACCESS, code: uint64(kr), sub: uint64(t.Addr), addr: uint64(t.Addr),
			trapno: 14, sig: abi.SIGBUS, sicode: abi.BUS_ADRERR}
		if kr == abi.KERN_INVALID_ADDRESS {
			e.sig, e.sicode = abi.SIGSEGV, abi.SEGV_MAPERR
		}
		e.err = 4 // a user access
		if t.Present {
			e.err |= 1
		}
		if t.Write {
			e.err |= 2
		}
		if t.Exec {
			e.err |= 16
		}
		return e
	}
	e, ok := vectors[t.Vector]
	if !ok {
		e = excInfo{exc: abi.EXC_BAD_INSTRUCTION, code: uint64(t.Vector), sig: abi.SIGILL, sicode: abi.ILL_NOOP}
	}
	e.trapno, e.err, e.sub = uint16(t.Vector), t.Code, uint64(t.Code)
	return e
}

// onMainStack says whether a lies where the main thread's stack may grow: a
// protection fault there is an overflow, which is a SIGSEGV.
func (p *Proc) onMainStack(a machine.Addr) bool {
	im := p.Image()
	return im != nil && uint64(a) < im.StackTop && uint64(a) >= im.StackTop-im.StackSize-(64<<10)
}

// fault sends a signal that the thread itself has caused: it can't be put off,
// so when it is blocked or ignored the process ends by it.
func (p *Proc) fault(ut *Uthread, sig abi.Signal, info abi.Siginfo) {
	p.mu.Lock()
	blocked := ut.sigmask.Has(sig) || p.ignore.Has(sig)
	p.mu.Unlock()
	if blocked {
		p.forceDefault(ut, sig)
		return
	}
	ut.Signal(sig, info)
}

// Fault sends SIGSYS, SIGPIPE, SIGXFSZ and the like on account of a call.
func (ut *Uthread) Fault(sig abi.Signal) {
	ut.Signal(sig, abi.Siginfo{Code: 0})
}
