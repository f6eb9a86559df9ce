// Package sync is Mach's synchronisation by port: semaphores (osfmk/kern
// sync_sema) and lock sets (sync_lock). The objects know nothing of ports; the
// room that serves semaphore.defs and lock_set.defs hangs them behind
// ipc.AllocKernel with IKOT_SEMAPHORE and IKOT_LOCK_SET.
//
// All waits are interruptible and return KERN_ABORTED then.
//
// # Lock order
//
// Semaphore.mu or LockSet.mu, one at a time, then the wait queue's.
//
// # What it does not do
//
// SYNC_POLICY_FIXED_PRIORITY is accepted and served first come, first served:
// the wait queues keep no priorities yet. A woken thread does not get its
// waker's processor.
package sync
