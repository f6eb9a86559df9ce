// Package sched decides which thread runs, and is the one way to sleep.
//
// # Sleeping
//
// Everything in the kernel that waits, waits here, so that every wait can be
// interrupted, timed out, and shown: message receive, semaphores, msleep, read
// from a pipe, kevent, select. The protocol is Mach's own:
//
//	obj.mu.Lock()
//	for !obj.ready {
//		obj.wq.AssertWait(t, sched.Interruptible, sched.Forever)
//		obj.mu.Unlock()
//		if r := t.Block(); r != sched.Awakened {
//			return r // TimedOut, Interrupted or Restart
//		}
//		obj.mu.Lock()
//	}
//
// and the waker changes the condition under obj.mu and calls WakeupAll or
// WakeupOne, with or without obj.mu. A wakeup after AssertWait is never lost.
// Sleep packs the loop's body for the common case.
//
// Waits of less than 4 ms are timed by a timerfd (alarm.go), longer ones by Go's
// timers, which are up to a millisecond late when nothing else is to be done.
//
// # Interruption
//
// A Thread carries a hook, Pending, that says whether an interruption is due
// (an unmasked signal, an abort, termination). AssertWait with Interruptible
// asks it and, if so, the following Block returns Interrupted at once. Whoever
// makes an interruption due calls Interrupt afterwards: the order (make it
// visible, then Interrupt) closes the race.
//
// # Processors
//
// A Thread that runs, in the guest or in the kernel, holds a processor of its
// processor set; Block gives it up. With no more runnable threads than
// processors, that costs two atomic operations. See processor.go.
//
// A guest thread may sleep without the kernel's doing (machine.WaitEntry). Then
// its processor is lent to the next who needs one, and when the kernel sees the
// thread again, by a trap or because a tick asked it, it competes for another.
//
// # Lock order
//
// A caller's locks, then WaitQueue.mu, then Thread.mu, then the processor set's. That of
// the alarms is taken with none of these held.
// No Go mutex of the kernel may be held across Block.
package sched
