package sched

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// Many short waits at once: each ends, none before its time, and who was woken is
// told so.
func TestShortWaits(t *testing.T) {
	var q WaitQueue
	var wg sync.WaitGroup
	var woken, slept int
	var mu sync.Mutex
	const threads, rounds = 40, 50
	for range threads {
		wg.Go(func() {
			th := NewThread("sleeper")
			for range rounds {
				until := After(time.Duration(rand.IntN(2000)) * time.Microsecond)
				q.AssertWait(th, Interruptible, until)
				r := th.Block()
				now := Now()
				mu.Lock()
				switch r {
				case Awakened:
					woken++
				case TimedOut:
					slept++
					if now < until {
						t.Errorf("awake %d ns too early", until-now)
					}
				default:
					t.Errorf("wait ended with %d", r)
				}
				mu.Unlock()
			}
		})
	}
	done := make(chan struct{})
	told := 0
	go func() {
		defer close(done)
		for range 300 {
			if q.WakeupOne(Awakened) {
				told++
			}
			time.Sleep(50 * time.Microsecond)
		}
	}()
	wg.Wait()
	<-done
	if woken != told || woken+slept != threads*rounds {
		t.Errorf("%d were woken, %d heard of it, %d slept through", told, woken, slept)
	}
	shortWaits.mu.Lock()
	defer shortWaits.mu.Unlock()
	if n := len(shortWaits.heap); n != 0 {
		t.Errorf("%d alarms are left", n)
	}
}
