package sync

import (
	gosync "sync"

	"puggle/abi"
	"puggle/mach/sched"
)

// SYNC_POLICY_* (<mach/sync_policy.h>).
const (
	SYNC_POLICY_FIFO           = 0
	SYNC_POLICY_FIXED_PRIORITY = 1
	SYNC_POLICY_PREPOST        = 4
)

// Semaphore is a counting semaphore with Mesa semantics. The zero value is not
// ready; make it with NewSemaphore.
type Semaphore struct {
	mu      gosync.Mutex
	wq      sched.WaitQueue
	count   int32
	prepost bool
	dead    bool
	sets    watchers
}

// NewSemaphore makes a semaphore with a count. With SYNC_POLICY_PREPOST a signal
// that finds nobody waiting is lost, which is what condition variables need
// (Kernel Programming, "Semaphores"). KERN_INVALID_ARGUMENT: value below 0, or
// an unknown policy.
func NewSemaphore(policy, value int32) (*Semaphore, abi.KernReturn) {
	if value < 0 || policy < 0 || policy&^(SYNC_POLICY_PREPOST|SYNC_POLICY_FIXED_PRIORITY) != 0 {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	s := &Semaphore{count: value, prepost: policy&SYNC_POLICY_PREPOST != 0}
	if policy&SYNC_POLICY_FIXED_PRIORITY != 0 {
		s.wq.ByPriority()
	}
	return s, abi.KERN_SUCCESS
}

// Destroy ends the semaphore: its waiters, and later callers, get
// KERN_TERMINATED.
func (s *Semaphore) Destroy() {
	s.mu.Lock()
	s.dead = true
	s.wq.WakeupAll(sched.Restart)
	s.mu.Unlock()
}

// Signal wakes one waiter or counts up. KERN_TERMINATED.
func (s *Semaphore) Signal() abi.KernReturn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return abi.KERN_TERMINATED
	}
	if !s.wq.WakeupOne(sched.Awakened) && !s.prepost && s.count < 1<<31-1 {
		s.count++
		s.sets.poke()
	}
	return abi.KERN_SUCCESS
}

// SignalAll wakes all who wait now and saves nothing. KERN_TERMINATED.
func (s *Semaphore) SignalAll() abi.KernReturn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return abi.KERN_TERMINATED
	}
	s.wq.WakeupAll(sched.Awakened)
	for _, m := range s.sets {
		m.grant()
	}
	return abi.KERN_SUCCESS
}

// SignalThread wakes th; with nil the first in the queue, and then it counts up
// if there is none. KERN_NOT_WAITING (th does not wait here), KERN_TERMINATED.
func (s *Semaphore) SignalThread(th *sched.Thread) abi.KernReturn {
	if th == nil {
		return s.Signal()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.dead:
		return abi.KERN_TERMINATED
	case !s.wq.WakeupThread(th, sched.Awakened):
		return abi.KERN_NOT_WAITING
	}
	return abi.KERN_SUCCESS
}

// Wait counts down or waits until the deadline (sched.Forever for none). A
// deadline that has passed waits not at all. KERN_OPERATION_TIMED_OUT,
// KERN_ABORTED, KERN_TERMINATED.
func (s *Semaphore) Wait(th *sched.Thread, until sched.Deadline) abi.KernReturn {
	return s.WaitSignal(nil, th, until)
}

// WaitSignal waits on s, having signalled other (which may be nil) when it was
// already certain that a signal of s would not be missed: wait_signal. If other
// is terminated, the wait ends with KERN_TERMINATED.
func (s *Semaphore) WaitSignal(other *Semaphore, th *sched.Thread, until sched.Deadline) abi.KernReturn {
	s.mu.Lock()
	kr, waiting := abi.KERN_SUCCESS, false
	switch {
	case s.dead:
		kr = abi.KERN_TERMINATED
	case s.count > 0:
		s.count--
	case until != sched.Forever && until <= sched.Now():
		kr = abi.KERN_OPERATION_TIMED_OUT
	default:
		s.wq.AssertWait(th, sched.Interruptible, until)
		waiting = true
	}
	s.mu.Unlock()
	if other != nil {
		if skr := other.Signal(); skr != abi.KERN_SUCCESS && waiting {
			// The wait may have been satisfied already; then it counts.
			if th.ClearWait(sched.Restart) {
				th.Block()
				return abi.KERN_TERMINATED
			}
		}
	}
	if !waiting {
		return kr
	}
	switch th.Block() {
	case sched.Awakened:
		return abi.KERN_SUCCESS
	case sched.TimedOut:
		return abi.KERN_OPERATION_TIMED_OUT
	case sched.Interrupted:
		return abi.KERN_ABORTED
	}
	return abi.KERN_TERMINATED
}
