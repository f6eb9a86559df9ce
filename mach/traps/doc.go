// Package traps is the Mach traps that are about ports: XNU's mach_trap_table,
// as far as its entries need a task's port space. The traps about memory, time
// and scheduling alone are in bsd/syscalls, which also decodes arguments and
// calls these.
//
// A trap gets its arguments as registers, cut to their C types by the caller,
// and returns what goes to rax: a kern_return_t, or a name (MACH_PORT_NULL when
// there is none to give).
//
// Interrupted receives and sends return MACH_RCV_INTERRUPTED and
// MACH_SEND_INTERRUPTED, waits on semaphores KERN_ABORTED.
//
// From 200 on there are the traps of the mach_ipc family, which XNU has not.
//
// # What it does not do
//
// No vouchers. Leeway of timers is ignored.
package traps
