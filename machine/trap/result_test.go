package trap

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"puggle/machine"
)

// resultLoop makes a call with what the last one gave in rdi and its carry flag
// in rsi.
var resultLoop = []byte{
	0xb8, 0x14, 0, 0, 2, // mov $0x2000014, %eax
	0x49, 0xbb, 0x00, 0x80, 0xe0, 0xff, 0xff, 0x7f, 0, 0, // movabs $TrapEntry, %r11
	0x41, 0xff, 0xd3, // call *%r11
	0x0f, 0x92, 0xc1, // setc %cl
	0x48, 0x0f, 0xb6, 0xf1, // movzx %cl, %rsi
	0x48, 0x89, 0xc7, // mov %rax, %rdi
	0xeb, 0xe2, // jmp to the start
}

// A call's result and its carry flag arrive, however often the thread is kicked on
// its way.
func TestResults(t *testing.T) {
	m := newMachine(t)
	var wg sync.WaitGroup
	for range 3 {
		_, c := guest(t, m, resultLoop)
		stop := make(chan struct{})
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Duration(rand.IntN(20)) * time.Microsecond):
					c.Kick()
				}
			}
		})
		run := func() bool {
			for {
				switch trap := c.Run(); trap.Kind {
				case machine.TrapSyscall:
					return true
				case machine.TrapKick:
				default:
					t.Errorf("trap %+v", trap)
					return false
				}
			}
		}
		wg.Go(func() {
			defer close(stop)
			run()
			for i := range uint64(30000) {
				carry := rand.IntN(2) == 1
				c.Return(i, 0, carry)
				if rand.IntN(8) == 0 { // as when a signal has been handled
					r := *c.Regs()
					c.SetRegs(&r)
				}
				if rand.IntN(1000) == 0 {
					time.Sleep(50 * time.Microsecond)
				}
				if !run() {
					return
				}
				if r := c.Regs(); r.Rdi != i || r.Rsi != 1 && carry || r.Rsi != 0 && !carry {
					t.Errorf("call %d, carry %v: the guest had %d and %d", i, carry, r.Rdi, r.Rsi)
					return
				}
			}
		})
	}
	wg.Wait()
}
