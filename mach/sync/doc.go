// Package sync is Mach's synchronisation by port: semaphores (osfmk/kern
// sync_sema) and lock sets (sync_lock). The objects know nothing of ports; the
// room that serves semaphore.defs and lock_set.defs hangs them behind
// ipc.AllocKernel with IKOT_SEMAPHORE and IKOT_LOCK_SET.
//
// Notifications and RPC objects, and the sets from which mach_ipc_dispatch takes
// events of all of these and of message queues, are the mach_ipc family of 2002.
//
// All waits are interruptible and return KERN_ABORTED then.
//
// # Lock order
//
// An object's mu (Semaphore, LockSet, Notification, RPC), one at a time, then
// EventSet.mu, then the wait queue's.
//
// # What it does not do
//
// A woken thread does not get its
// waker's processor.
package sync
