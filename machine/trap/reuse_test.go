package trap

import (
	"sync/atomic"
	"testing"
	"time"
)

// A context is destroyed while its host thread sleeps, and whoever was to wake that thread
// did not: the context that the thread is used for next must come all the same.
func TestReuseAfterLostHandOver(t *testing.T) {
	m := newMachine(t)
	space, guestContext := guest(t, m, resultLoop)
	s, c := space.(*Space), guestContext.(*Context)
	c.Run()
	for atomic.LoadUint32(&c.slot.stubSleeps) == 0 {
		time.Sleep(time.Millisecond)
	}
	// Destroy, but for the waking.
	s.mu.Lock()
	c.destroyed, c.handed = true, true
	m.contexts.Add(-1)
	c.resume, c.ran = resumeAgain, stateFull
	c.slot.resume, c.slot.setGS, c.slot.spin = resumeAgain, 0, 0
	atomic.SwapUint32(&c.slot.state, stateFull)
	s.idle = append(s.idle, c)
	s.mu.Unlock()
	came := make(chan error, 1)
	go func() {
		_, err := s.NewContext()
		came <- err
	}()
	select {
	case err := <-came:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Error("its host thread sleeps")
	}
}
