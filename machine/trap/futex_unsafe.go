package trap

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// futexWait sleeps while *w == val. It may return early. It goes through the
// scheduler-aware Syscall, since it may last.
func futexWait(w *uint32, val uint32) {
	unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(w)), 0, uintptr(val), 0, 0, 0)
}

// futexWake wakes the one host thread that may wait on w.
func futexWake(w *uint32) {
	unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(w)), 1, 1<<30, 0, 0, 0)
}

// yieldLong is after how many cycles of the time-stamp counter somebody else than for whom
// we gave way has had the CPU, or it computes.
const yieldLong = 1000000

// yieldWhile lets others run on this CPU until *w != val, or for that many times. came
// says whether it is so, lost that the CPU was gone for long.
func yieldWhile(w *uint32, val uint32, times int) (came, lost bool) {
	for range times {
		if atomic.LoadUint32(w) != val {
			return true, false
		}
		begin := rdtsc()
		unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		if rdtsc()-begin > yieldLong {
			return atomic.LoadUint32(w) != val, true
		}
	}
	return atomic.LoadUint32(w) != val, false
}
