package sched

import (
	"testing"
	"time"
)

// TestHostWait: while the thread that has the only seat waits for the host, another one
// gets to run, and afterwards there is one seat again.
func TestHostWait(t *testing.T) {
	s := NewProcessorSet(1)
	a, b, c := new(Thread), new(Thread), new(Thread)
	for i, th := range []*Thread{a, b, c} {
		th.Init(string(rune('a'+i)), s)
	}
	a.Attach()
	ran := make(chan bool)
	go func() { b.Attach(); ran <- true }()
	for !s.Contended() {
		time.Sleep(time.Millisecond)
	}
	s.HostWait(true)
	select {
	case <-ran:
	case <-time.After(time.Minute):
		t.Fatal("a seat whose thread waits outside is of no use to others")
	}
	s.HostWait(false)
	if s.Contended() {
		t.Error("who waits?")
	}
	// Two have a seat, of one: the first that goes leaves none behind.
	b.Detach()
	got := make(chan bool)
	go func() { c.Attach(); got <- true }()
	for !s.Contended() {
		select {
		case <-got:
			t.Fatal("there are more seats than processors")
		default:
			time.Sleep(time.Millisecond)
		}
	}
	a.Detach()
	<-got
	c.Detach()
	s.mu.Lock()
	free := s.free
	s.mu.Unlock()
	if free != 1 {
		t.Errorf("%d seats are free of 1", free)
	}
	// The other order: nobody waits when it begins.
	s.HostWait(true)
	a.Attach()
	b.Attach()
	s.HostWait(false)
	a.Detach()
	b.Detach()
	if s.mu.Lock(); s.free != 1 {
		t.Errorf("%d seats are free of 1", s.free)
	}
	s.mu.Unlock()
}
