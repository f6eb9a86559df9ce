package syscalls

import (
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/mach/task"
	"puggle/machine"
)

// Classes of calls, in bits 24 and up of rax.
const (
	classShift = 24
	classMask  = 0xff << classShift

	ClassMach    = 1
	ClassBSD     = 2
	ClassMdep    = 3
	ClassDiag    = 4
	ClassPrivate = 0xa
)

// Classes are the tables by class, for tools.
var Classes = map[int][]Row{ClassMach: Mach, ClassBSD: BSD, ClassMdep: Mdep, ClassPrivate: Private}

// Tracer sees every call: Enter with the arguments decoded, Leave with the
// result. They run on the calling thread.
type Tracer interface {
	Enter(c *Call)
	Leave(c *Call, err abi.Errno)
}

type tracerBox struct{ Tracer }

// Kernel is one machine's calls: what the handlers reach besides the process.
type Kernel struct {
	Sys *kern.System
	Services

	tables [16][]*entry
	tracer atomic.Pointer[tracerBox]
}

// Install makes the calls of sys and takes the hook of its tasks.
func Install(sys *kern.System, sv Services) *Kernel {
	k := &Kernel{Sys: sys, Services: sv}
	for class, rows := range Classes {
		k.tables[class] = compile(rows)
	}
	k.tables[ClassPrivate][packedMsg].as = k.tables[ClassMach][31]
	sys.Tasks.Hooks.Syscall = k.syscall
	return k
}

// SetTracer has t see every call from now on; nil ends it.
func (k *Kernel) SetTracer(t Tracer) {
	if t == nil {
		k.tracer.Store(nil)
		return
	}
	k.tracer.Store(&tracerBox{t})
}

// syscall is the kernel's side of the trap.
func (k *Kernel) syscall(th *task.Thread) {
	ut := th.BSD.(*kern.Uthread)
	c, _ := ut.Scratch.(*Call)
	if c == nil {
		c = &Call{Th: th, U: ut, P: ut.Proc, K: k}
		ut.Scratch = c
	}
	ut.BeginCall()
	ctx := th.Context()
	r := ctx.Args()
	c.code, c.aborted = r.Rax, false
	c.Ret = [2]uint64{0, r.Rdx}

	class, num, skip := int(uint32(r.Rax)>>classShift), uint32(r.Rax)&^uint32(classMask), 0
	if class == ClassBSD && num == 0 {
		// syscall(2): the number is the first argument.
		num, skip = uint32(r.Rdi), 1
	}
	var e *entry
	if class < len(k.tables) && int(num) < len(k.tables[class]) {
		e = k.tables[class][num]
	}
	if e == nil || e.Handler == nil {
		k.missing(c, class, e)
		return
	}
	c.entry = e
	if e.nargs+skip > 4 {
		ctx.Regs()
	}
	if e.nargs > 0 && !c.decode(r, e, skip) {
		k.finish(c, r, class, abi.EFAULT)
		return
	}
	if class == ClassBSD {
		c.Ret[1] = 0
	} else if e.as != nil {
		c.unpackMsg()
		e = e.as
		c.entry = e
	}
	tr := k.tracer.Load()
	if tr != nil {
		tr.Enter(c)
	}
	if e.Rule&Cancel != 0 {
		ut.CancelPoint()
	}
	err := e.Handler(c)
	if tr != nil {
		tr.Leave(c, err)
	}
	if err == justReturn {
		return
	}
	if err == abi.EINTR || c.aborted {
		if th.AST()&task.ASTBSD != 0 {
			ut.Interrupted(c.code, th.Trap.Fast, err == abi.EINTR && e.Rule&Eintr == 0)
		}
	}
	k.finish(c, r, class, err)
}

// finish stores the result. Regs keeps it too, for a signal that is delivered
// before the guest is entered.
func (k *Kernel) finish(c *Call, r *machine.Regs, class int, err abi.Errno) {
	if err != 0 {
		r.Rax = uint64(err)
		r.Rflags |= machine.FlagCarry
		c.Th.Context().Return(r.Rax, r.Rdx, true)
		return
	}
	r.Rax, r.Rdx = c.entry.ret(c.Ret[0]), c.Ret[1]
	r.Rflags &^= machine.FlagCarry
	c.Th.Context().Return(r.Rax, r.Rdx, false)
}

// missing answers a call that is not there: ENOSYS and SIGSYS for BSD calls, the
// code of kern_invalid for Mach traps.
func (k *Kernel) missing(c *Call, class int, e *entry) {
	r := c.Th.Context().Regs()
	if e == nil {
		e = noEntry
	}
	c.entry = e
	tr := k.tracer.Load()
	if tr != nil {
		tr.Enter(c)
	}
	if class == ClassMach {
		c.Ret = [2]uint64{uint64(abi.KERN_INVALID_ARGUMENT), r.Rdx}
		k.finish(c, r, class, 0)
	} else {
		k.finish(c, r, class, abi.ENOSYS)
		c.U.Fault(abi.SIGSYS)
	}
	if tr != nil {
		tr.Leave(c, abi.ENOSYS)
	}
}

var noEntry = compile([]Row{{Num: 0, Name: "nosys", Ret: "int"}})[0]
