package task

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/machine"
)

// Short names for what this package uses on every line.
type (
	Prot       = abi.Prot
	KernReturn = abi.KernReturn
)

// Hooks are how the rooms above take part. All are called on the thread's own
// goroutine, without locks, with the thread out of the guest.
type Hooks struct {
	// Syscall handles a kernel call: Mach trap, BSD call or other, by the class
	// in rax. It sets the result with th.Context().Return or SetRegs.
	Syscall func(th *Thread)
	// Exception handles a fault that the map could not resolve (kr says why) or
	// a processor exception (kr is 0). It delivers a Mach exception or a
	// signal, or terminates; the thread then goes on.
	Exception func(th *Thread, trap machine.Trap, kr KernReturn)
	// Guard raises EXC_GUARD for a guard that the thread has broken, and then, if it
	// is fatal, ends the task.
	Guard func(th *Thread, code, sub uint64, fatal bool)
	// AST handles ASTBSD: deliver signals. It may set up a handler frame,
	// stop the thread (by blocking on its own queue) or terminate it.
	AST func(th *Thread)
	// ThreadExit is called last, on the thread's goroutine, when it ends; last
	// says that no thread is left in the task.
	ThreadExit func(th *Thread, last bool)
	// SpaceDied is called when a task's address space has ended before the task, or
	// while it ends: its threads must be made to end.
	SpaceDied func(t *Task)
	// Panic is told of a panic of the kernel on behalf of th, with the stack
	// where it happened. It does not return. Without it, the panic goes on.
	Panic func(th *Thread, v any, stack []byte)
}

// System is what all tasks of one machine share.
type System struct {
	Machine    machine.Machine
	Processors *sched.ProcessorSet
	Hooks      Hooks
	// PortServer serves messages to the ports of tasks and threads; set it
	// before the first task.
	PortServer ipc.KernelServer

	nextTask   atomic.Uint64
	nextThread atomic.Uint64
	running    atomic.Int64 // threads that exist

	calls, faults atomic.Uint64 // of threads that have ended
	spaces        spaces

	roleMu sync.Mutex
	roles  map[Role]*Task // those that one task can have
}

// NumThreads is the number of guest threads in the machine.
func (s *System) NumThreads() int64 { return s.running.Load() }

// Totals counts what threads did.
type Totals struct{ Calls, Faults uint64 }

// Totals adds up the counts of the threads that have ended; those that live have
// theirs in Thread.Calls and Thread.Faults.
func (s *System) Totals() Totals {
	return Totals{s.calls.Load(), s.faults.Load()}
}
