// Package trap is the machine on Linux: address spaces are host processes
// ("shells"), guest threads are host threads in them, traps are calls of a
// stub and SIGSYS, SIGSEGV and their kin, caught in the shell and handed to
// the kernel through shared memory.
//
// # A shell
//
// A shell's address space holds, besides what the guest maps, only:
//
//	0x7fffc0000000   slots, 32 KB for each guest thread (slot.go)
//	0x7fffffe00000   the commpage, read-only
//	0x7fffffe01000   CTL, orders for the control thread, read-only
//	0x7fffffe05000   REPLY, its results
//	0x7fffffe06000   RODATA: filters, signal actions
//	0x7fffffe08000   TEXT: the stub (stub/stub.S)
//	0x7fffffe10000   BELLS, read-only (bell.go)
//
// The control thread does all that needs host calls (mmap, munmap, mprotect,
// clone), reading its orders from CTL. It has no stack and blocks all signals.
// Guest threads have a filter of their own: futex wait and wake, rt_sigreturn,
// sched_yield, write to the doorbell and exit, from stub text only; all else traps. The filter is
// installed by the new thread before it first waits for registers, from stub
// text, with arguments from read-only memory, so that no other thread of the
// guest can come between.
//
// # A crossing
//
// A slot's state word is 1 while the guest is trapped; other values let it run. The
// stub publishes registers, then the state; each side spins a little while the
// other is on another CPU, or gives way a few times where it is on the same, then sleeps,
// after setting a flag that tells the other to wake it: the stub at its bell (bell.go), the kernel's goroutine in parking
// (park.go), which the stub wakes by the doorbell, an eventfd.
//
// # Trust
//
// Slots and REPLY are guest-writable. Every word is read once and checked; the
// registers are copied to a Go structure at the trap and written back whole
// before the guest resumes. The truth about which slot is used, which threads
// exist and what is mapped is kept in Go. What a guest can gain by writing to
// them it could do by other means: corrupt or hang itself.
//
// # Death
//
// Shells are children of one host thread of ours that never exits, and ask for
// SIGKILL when it does: kill -9 of the kernel leaves none behind. A shell that
// dies is noticed through its pidfd, and whatever waits for it is woken.
//
// # Lock order
//
// Machine.mu, Space.mu, then Memory's or Machine.handing. A Context has no lock.
package trap
