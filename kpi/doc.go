// Package kpi runs kernel code: the kernel task, the upcalls by which the kernel
// enters extensions, and the one table of symbols that they may call.
//
// # The kernel task
//
// Extensions are real machine code and are not trusted: they run in an address
// space of their own, a machine.Space like every other, with text r-x, data rw-
// and guard pages around stacks and images. What they call is either guest code
// (rt/, C compiled to one embedded object) or a stub that traps to a handler in
// Go. A row of the table says which.
//
// # Upcalls
//
// KernelTask.Call runs a function on the caller's sched.Thread: it borrows a
// processor context and a kernel stack, and handles the calls that the code makes
// until the function returns. A handler that sleeps just sleeps on the thread. A
// handler that calls code again goes deeper on the same stack.
//
// # I/O Kit
//
// libkern's and the I/O Kit's classes are guest code, too (iokit/, C++): they are loaded when code first asks
// for one of their symbols. The registry that the objects hang in is puggle/iokit; a driver's entry holds one reference
// of its object while it is attached. Hooks run on threads of their own that need no processor.
//
// # What it promises
//
//   - A fault, a failed assertion, an overflown stack, a sleep in an interrupt
//     handler or with a spin lock held, a free of the wrong size, an unlock of what
//     is not held, a routine that neither calls nor returns for HangLimit: each
//     is a Panic: a report with symbols, registers and a back-trace on the
//     console and in the message buffer. The upcall fails, the extension is
//     dead (it isn't entered again), and the machine goes on.
//   - What points into an extension (sysctl OIDs, switch entries, timeouts,
//     threads) stops its unloading, by name.
//
// # What it does not do
//
// Locks that a dead extension held stay held. A thread that is inside an extension
// isn't preempted in favour of others except by the watchdog. User processes can't
// be killed while one of their threads is inside an extension and does not return.
// Structures of the kernel (proc, uio, ucred) are opaque: what is handed out
// is a handle whose use as a pointer is a fault.
//
// # Lock order
//
// KernelTask.mu is a leaf, but for the map's. Bucket locks (waits) come before
// those of sched; the allocator's comes before a bucket's, and vnodes.mu and
// kauthState.mu before handles.mu; fsTypes.mu comes before the tree's and handles.mu,
// and kextFS.mu is a leaf. mbufs.mu comes before the allocator's and handles.mu;
// uio.mu comes before the map's. ioKit.load comes before ioKit.mu, and that before the registry's;
// cxxEntry.mu and cxxClient.mu come before handles.mu. No lock but ioKit.load is
// held while code runs or a handler calls another room.
package kpi
