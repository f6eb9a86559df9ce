package sync

import (
	"testing"
	"time"

	"puggle/abi"
	"puggle/mach/sched"
)

func eq(t *testing.T, what string, got, want abi.KernReturn) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: %d, want %d", what, got, want)
	}
}

// start runs fn on a thread of its own and returns when it waits.
func start(fn func(th *sched.Thread) abi.KernReturn) (*sched.Thread, chan abi.KernReturn) {
	th, done := sched.NewThread("t"), make(chan abi.KernReturn, 1)
	go func() { done <- fn(th) }()
	for !th.IsWaiting() {
		time.Sleep(50 * time.Microsecond)
	}
	return th, done
}

func TestSemaphore(t *testing.T) {
	me := sched.NewThread("me")
	s, kr := NewSemaphore(SYNC_POLICY_FIFO, 0)
	eq(t, "create", kr, 0)
	_, kr = NewSemaphore(SYNC_POLICY_FIFO, -1)
	eq(t, "value", kr, abi.KERN_INVALID_ARGUMENT)
	for range 3 {
		s.Signal()
	}
	for range 3 {
		eq(t, "wait", s.Wait(me, sched.Forever), 0)
	}
	eq(t, "no more", s.Wait(me, sched.After(0)), abi.KERN_OPERATION_TIMED_OUT)
	eq(t, "timed", s.Wait(me, sched.After(time.Millisecond)), abi.KERN_OPERATION_TIMED_OUT)

	wait := func(th *sched.Thread) abi.KernReturn { return s.Wait(th, sched.Forever) }
	a, da := start(wait)
	b, db := start(wait)
	eq(t, "thread", s.SignalThread(b), 0)
	eq(t, "b", <-db, 0)
	eq(t, "not waiting", s.SignalThread(b), abi.KERN_NOT_WAITING)
	a.Interrupt()
	eq(t, "a", <-da, abi.KERN_ABORTED)
	_, da = start(wait)
	_, db = start(wait)
	eq(t, "all", s.SignalAll(), 0)
	eq(t, "a", <-da, 0)
	eq(t, "b", <-db, 0)
	eq(t, "nothing saved", s.Wait(me, sched.After(0)), abi.KERN_OPERATION_TIMED_OUT)

	other, _ := NewSemaphore(SYNC_POLICY_FIFO, 0)
	_, da = start(func(th *sched.Thread) abi.KernReturn { return s.WaitSignal(other, th, sched.Forever) })
	eq(t, "signalled", other.Wait(me, sched.Forever), 0)
	s.Signal()
	eq(t, "wait-signal", <-da, 0)
	other.Destroy()
	eq(t, "dead partner", s.WaitSignal(other, me, sched.Forever), abi.KERN_TERMINATED)
	_, da = start(wait)
	s.Destroy()
	eq(t, "terminated", <-da, abi.KERN_TERMINATED)
	eq(t, "signal", s.Signal(), abi.KERN_TERMINATED)

	p, _ := NewSemaphore(SYNC_POLICY_PREPOST, 0)
	p.Signal()
	eq(t, "prepost saves nothing", p.Wait(me, sched.After(0)), abi.KERN_OPERATION_TIMED_OUT)
}

func TestLockSet(t *testing.T) {
	me, you := sched.NewThread("me"), sched.NewThread("you")
	s, kr := NewLockSet(2, SYNC_POLICY_FIFO)
	eq(t, "create", kr, 0)
	eq(t, "acquire", s.Acquire(me, 1), 0)
	eq(t, "again", s.Acquire(me, 1), abi.KERN_LOCK_OWNED_SELF)
	eq(t, "try", s.Try(you, 1), abi.KERN_LOCK_OWNED)
	eq(t, "id", s.Try(you, 2), abi.KERN_INVALID_ARGUMENT)
	eq(t, "release", s.Release(you, 1), abi.KERN_INVALID_RIGHT)
	th, done := start(func(th *sched.Thread) abi.KernReturn { return s.Acquire(th, 1) })
	s.Abandon(me)
	eq(t, "unstable", <-done, abi.KERN_LOCK_UNSTABLE)
	eq(t, "stable", s.MakeStable(th, 1), 0)
	_, done = start(func(t2 *sched.Thread) abi.KernReturn { return s.HandoffAccept(t2, 1) })
	eq(t, "second taker", s.HandoffAccept(you, 1), abi.KERN_ALREADY_WAITING)
	eq(t, "handoff", s.Handoff(th, 1), 0)
	eq(t, "accept", <-done, 0)
	eq(t, "not mine", s.Handoff(th, 1), abi.KERN_INVALID_RIGHT)
	_, done = start(func(t2 *sched.Thread) abi.KernReturn { return s.Acquire(t2, 1) })
	s.Destroy()
	eq(t, "destroyed", <-done, abi.KERN_LOCK_SET_DESTROYED)
	eq(t, "terminated", s.Try(you, 0), abi.KERN_TERMINATED)
}

// With SYNC_POLICY_FIXED_PRIORITY the better thread comes first, equals in turn.
func TestFixedPriorityPolicy(t *testing.T) {
	waiters := func(wait func(th *sched.Thread) abi.KernReturn) chan int {
		order := make(chan int, 4)
		for i, importance := range []int{0, 5, -3, 5} {
			th := sched.NewThread("w")
			th.SetParams(sched.Params{Importance: importance})
			go func() {
				if wait(th) == 0 {
					order <- i
				}
			}()
			for !th.IsWaiting() {
				time.Sleep(50 * time.Microsecond)
			}
		}
		return order
	}
	want := []int{1, 3, 0, 2}
	s, kr := NewSemaphore(SYNC_POLICY_FIXED_PRIORITY, 0)
	eq(t, "create", kr, 0)
	order := waiters(func(th *sched.Thread) abi.KernReturn { return s.Wait(th, sched.Forever) })
	for _, w := range want {
		s.Signal()
		if got := <-order; got != w {
			t.Errorf("semaphore: thread %d woke, want %d", got, w)
		}
	}
	me := sched.NewThread("me")
	l, kr := NewLockSet(1, SYNC_POLICY_FIXED_PRIORITY)
	eq(t, "create", kr, 0)
	eq(t, "acquire", l.Acquire(me, 0), 0)
	passed := make(chan *sched.Thread, 1)
	order = waiters(func(th *sched.Thread) abi.KernReturn {
		kr := l.Acquire(th, 0)
		passed <- th
		return kr
	})
	eq(t, "release", l.Release(me, 0), 0)
	for _, w := range want {
		if got := <-order; got != w {
			t.Errorf("lock: thread %d got it, want %d", got, w)
		}
		eq(t, "release", l.Release(<-passed, 0), 0)
	}
}
