package sched

import (
	"sync/atomic"
	"testing"
	"time"
)

// TestLend: a thread that sleeps without the kernel gives its processor to
// whoever needs one and competes for another when it is back.
func TestLend(t *testing.T) {
	set := NewProcessorSet(1)
	var asleep, asked, crowded atomic.Bool
	var a, b, c Thread
	for name, th := range map[string]*Thread{"a": &a, "b": &b, "c": &c} {
		th.Init(name, set)
	}
	a.Asleep = asleep.Load
	a.Contend = func() { crowded.Store(true) }
	a.Preempt = func() { asked.Store(true) }
	b.Preempt = func() {}
	a.Attach()
	asleep.Store(true)
	b.Attach() // at once
	if a.Seated() || !b.Seated() {
		t.Fatal("the sleeper keeps its processor")
	}

	// It wakes: there is no processor for it, which a tick tells it while somebody waits.
	asleep.Store(false)
	done := make(chan struct{})
	go func() {
		c.Attach()
		c.Detach()
		close(done)
	}()
	for end := time.Now().Add(20 * time.Second); !asked.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a thread that runs without a processor is never asked to give way")
		}
	}
	b.Detach()
	<-done
	a.Attach()
	if !a.Seated() || set.lent != nil || set.Busy() != 1 {
		t.Fatalf("seated %v, %d busy", a.Seated(), set.Busy())
	}

	// One that is awake is asked not to sleep by itself while others wait.
	done = make(chan struct{})
	go func() {
		b.Attach()
		close(done)
	}()
	for end := time.Now().Add(20 * time.Second); !crowded.Load() || !a.Crowded(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody said that the processor is wanted")
		}
	}
	// And if it was on the way already, a tick finds it.
	asleep.Store(true)
	<-done
	if a.Seated() || !b.Seated() {
		t.Fatal("the tick did not give the sleeper's processor to the one who waits")
	}
	a.Detach() // ends without ever having been back
	b.Detach()
	if set.lent != nil || set.Busy() != 0 {
		t.Fatalf("%d busy at the end", set.Busy())
	}
}
