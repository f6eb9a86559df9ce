package trap

import (
	"os/exec"
	"sync"
	"testing"
	"time"
)

// Machines end, and nothing of theirs stays behind, while the process makes other
// children: these have all its descriptors until they exec.
func TestCloseBesideChildren(t *testing.T) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					exec.Command("/proc/self/nothing").Run()
					exec.Command("/bin/true").Run()
				}
			}
		})
	}
	end := time.AfterFunc(2*time.Minute, func() { panic("a machine does not end") })
	for range 30 {
		m, err := New(Config{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := m.NewSpace()
		if err != nil {
			t.Fatal(err)
		}
		s.Destroy()
		<-s.Done()
		m.Close()
	}
	end.Stop()
	close(stop)
	wg.Wait()
}
