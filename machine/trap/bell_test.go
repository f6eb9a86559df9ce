package trap

import (
	"sync/atomic"
	"testing"
	"time"

	"puggle/machine"
)

// A thread of another space is woken for each call of the first one's, by that one
// if it likes: one that is asked and does nothing, or was asked for rubbish, delays
// only.
func TestHandOff(t *testing.T) {
	for _, hostile := range []bool{false, true} {
		m := newMachine(t)
		_, c := guest(t, m, fastLoop)
		ks, k := guest(t, m, fastLoop)
		ks.SetSystem()
		c.Run()
		k.Run()
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for v := uint64(0); hostile; v++ {
				select {
				case <-stop:
					return
				default:
					atomic.StoreUint64(&c.(*Context).slot.handoff, v%3*0x1000)
				}
			}
		}()
		end := time.AfterFunc(time.Minute, func() { panic("a thread that was to be woken sleeps") })
		for i := range 1000 {
			end.Reset(time.Minute)
			if i%100 == 0 {
				time.Sleep(time.Millisecond) // until both sleep
			}
			// The kernel's thread is told for whom it works, or that is guessed.
			if i%200 < 100 {
				k.(machine.Server).Serve(c)
			} else {
				k.(machine.Server).Serve(nil)
			}
			for _, x := range []machine.Context{k, c} {
				x.Return(7, 0, false)
				if trap := x.Run(); trap.Kind != machine.TrapSyscall {
					t.Fatalf("trap %v", trap)
				}
			}
		}
		end.Stop()
		close(stop)
		<-done
	}
}

// Bells come back, and there are no more than there is room for.
func TestBells(t *testing.T) {
	var p bells
	seen := map[bell]bool{}
	for range bellsSize / bellSize {
		b := p.alloc()
		if b == noBell || seen[b] || b.addr() < bellsBase || b.addr() >= bellsBase+bellsSize {
			t.Fatal("bell", b)
		}
		seen[b] = true
	}
	if b := p.alloc(); b != noBell {
		t.Fatal("one too many", b)
	}
	p.release(5)
	if b := p.alloc(); b != 5 {
		t.Fatal("got", b)
	}
}
