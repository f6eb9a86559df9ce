package sched

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestWakeupIsNotLost(t *testing.T) {
	for range 2000 {
		var mu sync.Mutex
		var q WaitQueue
		ready := false
		done := make(chan WaitResult)
		go func() {
			th := NewThread("w")
			mu.Lock()
			for !ready {
				if r := Sleep(th, &q, &mu, Interruptible, Forever); r != Awakened {
					break
				}
			}
			mu.Unlock()
			done <- Awakened
		}()
		mu.Lock()
		ready = true
		mu.Unlock()
		q.WakeupOne(Awakened)
		<-done
	}
}

func TestTimeoutAndInterrupt(t *testing.T) {
	var q WaitQueue
	th := NewThread("t")
	q.AssertWait(th, Uninterruptible, After(time.Millisecond))
	if r := th.Block(); r != TimedOut {
		t.Fatalf("got %v, want TimedOut", r)
	}
	if !q.Empty() {
		t.Fatal("queue not empty after a timeout")
	}
	var pending atomic.Bool
	th.Pending = pending.Load
	pending.Store(true)
	if r := q.AssertWait(th, Interruptible, Forever); r != Interrupted {
		t.Fatalf("AssertWait %v, want Interrupted", r)
	}
	if r := th.Block(); r != Interrupted {
		t.Fatalf("got %v, want Interrupted", r)
	}
	pending.Store(false)
	q.AssertWait(th, Interruptible, Forever)
	time.AfterFunc(time.Millisecond, func() { pending.Store(true); th.Interrupt() })
	if r := th.Block(); r != Interrupted {
		t.Fatalf("got %v, want Interrupted", r)
	}
	q.AssertWait(th, Uninterruptible, After(5*time.Millisecond))
	if th.Interrupt() {
		t.Fatal("interrupted an uninterruptible wait")
	}
	if r := th.Block(); r != TimedOut {
		t.Fatalf("got %v, want TimedOut", r)
	}
}

// TestSeats has more threads than processors; no more run than there are
// processors, and every one gets its turn because it is asked to yield.
func TestSeats(t *testing.T) {
	s := NewProcessorSet(2)
	var running, most, turns atomic.Int32
	var wg sync.WaitGroup
	for range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			th := new(Thread)
			var asked atomic.Bool
			th.Init("s", s)
			th.Preempt = func() { asked.Store(true) }
			th.Attach()
			n := running.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			end, limit := time.Now().Add(60*time.Millisecond), time.Now().Add(20*time.Second)
			for now := time.Now(); now.Before(end) || turns.Load() == 0 && now.Before(limit); now = time.Now() {
				if asked.Swap(false) {
					turns.Add(1)
					running.Add(-1)
					th.Yield()
					n := running.Add(1)
					for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
					}
				}
			}
			running.Add(-1)
			th.Detach()
		}()
	}
	wg.Wait()
	if most.Load() > 2 {
		t.Errorf("%d ran at once on 2 processors", most.Load())
	}
	if turns.Load() == 0 {
		t.Error("nobody was asked to yield")
	}
	if s.free != 2 || s.queue.n != 0 || s.running != nil {
		t.Errorf("left over: %+v", s)
	}
}

func TestPriorityOrder(t *testing.T) {
	var q runQueue
	for _, p := range []int{31, 97, 0, 63, 64, 31} {
		th := NewThread("p")
		th.cpu.pri.task = uint8(p)
		q.push(th, p, false)
	}
	for _, want := range []uint8{97, 64, 63, 31, 31, 0} {
		if got := q.pop().cpu.pri.task; got != want {
			t.Errorf("popped %d, want %d", got, want)
		}
	}
	if q.pop() != nil {
		t.Error("not empty")
	}
}
