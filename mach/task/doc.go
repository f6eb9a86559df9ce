// Package task has tasks and threads: who owns what, and what runs.
//
// A Task owns an address space (a vm.Map over a machine.Space), a port space,
// and threads. A Thread is a sched.Thread that owns a machine.Context; its
// goroutine enters the guest, takes what comes back, and hands it to the
// kernel's hooks: calls to Calls.Syscall, faults to the map, exceptions to
// Calls.Exception. mach knows no processes: the BSD half hangs its own on
// Task.BSD and Thread.BSD and fills in the hooks.
//
// # ASTs
//
// What must happen before a thread goes on in its guest is a bit in its AST
// word: stop, terminate, a signal, a preemption. SetAST makes the bit visible,
// ends an interruptible wait, and kicks the thread out of the guest, in this
// order. The thread looks at the word each time before it enters the guest.
//
// # Lock order
//
// Task.mu, then Thread.mu, then those of sched. Hooks are called without locks.
package task
