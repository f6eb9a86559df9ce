package kern

import (
	"sync/atomic"
	"testing"
	"time"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/machine"
)

// A change of a word and a wake after it reach who begins to sleep on it, though
// forks have the word's page copied all the while.
func TestUlockBesideForks(t *testing.T) {
	_, p, _, _ := testSystem(t)
	const word, turns = machine.Addr(testStack + 0x1000), 100000
	m := p.Map()
	var stop atomic.Bool
	var taken atomic.Int64
	forked := make(chan struct{})
	go func() {
		defer close(forked)
		for !stop.Load() {
			child, kr := m.Fork(&fakeSpace{done: make(chan struct{})})
			if kr != 0 {
				t.Error(kr)
				return
			}
			child.Destroy()
		}
	}()
	done := make(chan bool, 2)
	for me := range uint32(2) {
		th, err := p.Task.NewThread()
		if err != nil {
			t.Fatal(err)
		}
		ut := p.newUthread(th, 0)
		go func() {
			// Each waits for its turn and gives the word to the other.
			for range turns {
				taken.Add(1)
				for {
					v, kr := m.LoadUint32(word)
					if kr != 0 {
						t.Error(kr)
					}
					if v == me {
						break
					}
					if _, e := ut.UlockWait(UL_COMPARE_AND_WAIT, uint64(word), uint64(v), sched.Forever); e != 0 {
						t.Error(e)
					}
				}
				if kr := m.StoreUint32(word, 1-me); kr != 0 {
					t.Error(kr)
				}
				if e := ut.UlockWake(UL_COMPARE_AND_WAIT, uint64(word), 0); e != 0 && e != abi.ENOENT {
					t.Error(e)
				}
			}
			done <- true
		}()
	}
	// However slow the machine is, some turn is taken.
	tick := time.NewTicker(2 * time.Minute)
	defer tick.Stop()
	for ended, before := 0, int64(-1); ended < 2; {
		select {
		case <-done:
			ended++
		case <-tick.C:
			now := taken.Load()
			if now == before {
				t.Fatalf("a wake was lost at turn %d", now)
			}
			before = now
		}
	}
	stop.Store(true)
	<-forked
}
