package trap

import (
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// TestCPUUse: a thread that runs has had CPU time, and one that sleeps is not
// taken for one that waits for a CPU.
func TestCPUUse(t *testing.T) {
	s := &Space{pid: os.Getpid()}
	tid := make(chan int)
	stop := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		tid <- syscall.Gettid()
		for {
			select {
			case <-stop:
				tid <- 0
				select {}
			default:
			}
		}
	}()
	id := <-tid
	before := s.cpuUse(id)
	for end := time.Now().Add(20 * time.Second); s.cpuUse(id).ticks == before.ticks; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a thread that computes gets no CPU time")
		}
	}
	close(stop)
	<-tid
	for end := time.Now().Add(20 * time.Second); s.cpuUse(id).state != 'S'; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("a thread that sleeps: %c", s.cpuUse(id).state)
		}
	}
	if now := s.cpuUse(id); now.waits(now) {
		t.Error("a sleeper is deaf, not starved")
	}
	for _, c := range []struct {
		u, before cpuUse
		waits     bool
	}{
		{cpuUse{'R', 7}, cpuUse{'R', 7}, true},
		{cpuUse{'R', 8}, cpuUse{'R', 7}, false},
		{cpuUse{'D', 8}, cpuUse{'R', 7}, true},
		{cpuUse{'T', 7}, cpuUse{'T', 7}, true},
		{cpuUse{}, cpuUse{}, false}, // gone
	} {
		if got := c.u.waits(c.before); got != c.waits {
			t.Errorf("%+v after %+v: %v", c.u, c.before, got)
		}
	}
}
