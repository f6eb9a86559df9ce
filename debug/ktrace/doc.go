// Package ktrace shows the kernel calls of programs as they happen, one line a
// call: BSD calls, Mach traps and the messages that go by them.
//
//	2/7 open("/etc/hosts", O_RDONLY|O_CLOEXEC, 0) = 3 <0.000041>
//	2/7 stat64("/nowhere", 0x7ff7bfeff2a0) = -1 ENOENT (No such file or directory)
//	2/7 mach_msg_trap({id 3200 mach_port_names, to 0x203, reply 0x307, 32 bytes}, MACH_SEND_MSG|MACH_RCV_MSG, ...) = KERN_SUCCESS
//
// Names and types of arguments come from the rows of bsd/syscalls; what more is
// known of an argument (flags, structures, buffers that the call fills) from the
// table in args.go, by the name of the call and of the argument.
//
// A line is written when its call returns; what a call reads is looked at before it
// is made, what it fills afterwards. A call that does not return, because its
// thread ended in it, is written with "unfinished" when the trace ends.
//
// # Cost
//
// Without a tracer a call costs one atomic load. A tracer that does not want a
// call (another process, another name) costs a map look-up under a lock.
//
// # Locks
//
// Tracer.mu guards the calls in progress, the counts and the set of processes. It
// is a leaf, except that Kern's process table is asked with it held. Guest
// memory is read, and Sink called, without it.
package ktrace
