package trap

import (
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
