package task

import (
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/machine"
)

// What a task asks for when it breaks the guard of a port, or gives memory back that
// is not there (task_exc_guard_behavior_t, <mach/task_info.h>).
const (
	ExcGuardVMDeliver uint32 = 0x01
	ExcGuardVMOnce    uint32 = 0x02
	ExcGuardVMFatal   uint32 = 0x08
	ExcGuardMPDeliver uint32 = 0x10
	ExcGuardMPOnce    uint32 = 0x20
	ExcGuardMPFatal   uint32 = 0x80
	ExcGuardAll       uint32 = 0xff

	excGuardNoUnset = ExcGuardMPFatal | ExcGuardVMFatal | ExcGuardMPDeliver | ExcGuardVMDeliver
	excGuardNoSet   = ExcGuardMPOnce | ExcGuardVMOnce
)

// The codes up to maxFatalGuard end the task always, those up to maxOptionalGuard as its
// behavior says, the others never (<mach/port.h>).
const (
	maxFatalGuard    = 1 << 7
	maxOptionalGuard = 1 << 19
)

// violations are broken guards on their way to the thread that broke them: a space
// knows of no threads, so the thread comes for them when its call has failed. Of two
// threads that break guards of one space in the same moment, each may get the other's.
type violations struct {
	mu   sync.Mutex
	list []violation
}

type violation struct {
	name    abi.PortName
	code    uint32
	payload uint64
	memory  bool // of memory, and not of a port
}

// Violated is the Guard of the task's port space.
func (t *Task) Violated(n abi.PortName, code uint32, payload uint64) {
	if code > maxFatalGuard && t.excGuard.Load()&ExcGuardMPDeliver == 0 {
		return
	}
	t.violations.mu.Lock()
	if len(t.violations.list) < 16 {
		t.violations.list = append(t.violations.list, violation{n, code, payload, false})
	}
	t.violations.mu.Unlock()
}

// forget drops what nobody has come for.
func (v *violations) forget() {
	v.mu.Lock()
	v.list = nil
	v.mu.Unlock()
}

// CheckGuards is called by a thread whose call on s has failed: if it was for a guard, an
// exception is raised before the thread enters its guest. A second one before that is
// forgotten, as in XNU.
func (th *Thread) CheckGuards(s *ipc.Space) {
	t, _ := s.Task.(*Task)
	if t == nil {
		return
	}
	t.violations.mu.Lock()
	l := t.violations.list
	if len(l) == 0 {
		t.violations.mu.Unlock()
		return
	}
	v := l[0]
	t.violations.list = append(l[:0], l[1:]...)
	t.violations.mu.Unlock()
	if th.ast.Load()&ASTGuard == 0 {
		th.broken = v
		th.PostAST(ASTGuard)
	}
}

// Unmapper is the map of a task: a *vm.Map.
type Unmapper interface {
	Gap(at machine.Addr, size uint64) (machine.Addr, bool)
	Deallocate(at machine.Addr, size uint64) abi.KernReturn
}

// Unmap is vm_deallocate by the thread, with Deallocate's result: if its task wants to hear of gaps
// (EXC_GUARD) it does of the first in the range, when the rest is given back.
func (th *Thread) Unmap(m Unmapper, at machine.Addr, size uint64) abi.KernReturn {
	gap, ok := machine.Addr(0), false
	if th.Task.excGuard.Load()&ExcGuardVMDeliver != 0 {
		gap, ok = m.Gap(at, size)
	}
	kr := m.Deallocate(at, size)
	if ok && th.ast.Load()&ASTGuard == 0 {
		th.broken = violation{0, abi.KGUARD_EXC_DEALLOC_GAP, uint64(gap), true}
		th.PostAST(ASTGuard)
	}
	return kr
}

// guardAST raises what CheckGuards or Unmap has found.
func (th *Thread) guardAST(hooks *Hooks) {
	v := th.broken
	t := th.Task
	kind, deliver, once, ends := uint64(abi.GUARD_TYPE_MACH_PORT), ExcGuardMPDeliver, ExcGuardMPOnce, ExcGuardMPFatal
	fatal := v.code <= maxFatalGuard
	if v.memory {
		kind, deliver, once, ends = abi.GUARD_TYPE_VIRT_MEMORY, ExcGuardVMDeliver, ExcGuardVMOnce, ExcGuardVMFatal
		fatal = false
	}
	for !fatal {
		b := t.excGuard.Load()
		if b&deliver == 0 {
			return
		}
		if b&once == 0 || t.excGuard.CompareAndSwap(b, b&^deliver) {
			fatal = b&ends != 0 && v.code <= maxOptionalGuard
			break
		}
	}
	if hooks.Guard != nil {
		hooks.Guard(th, kind<<61|uint64(v.code)<<32|uint64(v.name), v.payload, fatal)
	}
}

// ExcGuard is task_get_exc_guard_behavior: nothing for a fresh program.
func (t *Task) ExcGuard() uint32 { return t.excGuard.Load() }

// FreshGuards is what a program begins with that a process was made for, without a fork.
func (t *Task) FreshGuards() { t.excGuard.Store(0) }

// SetExcGuard is task_set_exc_guard_behavior: what is delivered or fatal stays so, and
// ONCE can't be added: KERN_DENIED. KERN_INVALID_VALUE for other bits than XNU's.
func (t *Task) SetExcGuard(b uint32) KernReturn {
	if b&^ExcGuardAll != 0 {
		return abi.KERN_INVALID_VALUE
	}
	for {
		old := t.excGuard.Load()
		if old&excGuardNoUnset&^b != 0 || b&excGuardNoSet&^old != 0 {
			return abi.KERN_DENIED
		}
		if t.excGuard.CompareAndSwap(old, b) {
			return abi.KERN_SUCCESS
		}
	}
}
