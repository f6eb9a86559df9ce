// Package kern has processes: credentials, groups and sessions, signals,
// descriptors, exec, wait, resource use, and the BSD side of threads.
//
// A Proc hangs on a mach task (Task.BSD), a Uthread on a mach thread
// (Thread.BSD). System holds what all processes share: the table, the tree,
// groups, and the hooks by which the rooms beside this one are reached. The
// system calls themselves are in bsd/syscalls; what they do to processes is
// here.
//
// # Invariants
//
// A process that is in the table has a parent; process 1 is the kernel's own,
// has no task, and reaps what it is given. A zombie has no threads, no open
// files and no memory. Proc.siglist holds only signals that no thread has
// taken; a thread's ASTBSD bit is set whenever something in its own list or
// its process's is neither blocked nor ignored, and is cleared only by the
// thread itself with Proc.mu held, so that an interruption is never lost.
//
// # Lock order
//
// System.mu (the tree, states, groups, sessions), then Proc.mu (signals,
// threads, timers), then the locks of mach/task and mach/sched. FileDesc.mu and
// the ulock buckets are leaves. No lock is held while a thread runs in its
// guest, sleeps, or calls another room.
//
// # What it does not do
//
// Set-id bits are ignored at exec (the host process has no other rights to give). System time
// is not accounted apart from user time.
package kern
