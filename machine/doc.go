// Package machine is the hardware that Puggle's kernel runs on: processors,
// physical memory, address translation, traps and interrupts.
//
// It is an interface. machine/trap implements it with host processes and a
// seccomp trap; a test may implement it with ordinary memory. Nothing above this package
// makes a host call on behalf of a guest's execution, uses unsafe, or knows how
// a crossing works.
//
// # The model
//
// A Machine has Memory (physical memory) and makes Spaces and Contexts. A Space
// is one hardware address space: the pmap of one task. A Context is the
// register state of one guest thread in a Space, and the means to run it: Run
// enters the guest and comes back with a Trap. One goroutine at a time may use
// a Context; Kick alone may be called by anyone.
//
// # Hostility
//
// Everything that a guest can write reaches us only through Regs (a copy, made
// once per trap) and through Memory. A Context never reports a state that would
// be unsafe to resume: segment selectors and reserved flag bits are checked
// when registers go in, not trusted when they come out.
//
// # Lock order
//
// Nothing in machine calls up. Its locks come after every other lock of the
// kernel: a caller may hold any lock of its own while it calls Space or Memory.
// Run is the exception: it waits for the guest, so no lock may be held.
package machine
