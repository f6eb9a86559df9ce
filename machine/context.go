package machine

// TrapKind says why a guest stopped running.
type TrapKind uint8

const (
	// TrapSyscall: the guest asked for a kernel call, by TrapEntry or by a
	// syscall instruction; Regs().Rax has the number and Rip is behind the
	// instruction.
	TrapSyscall TrapKind = iota + 1
	// TrapFault: an access to Addr failed; Write and Exec say which kind,
	// Present whether the page was mapped (a protection fault).
	TrapFault
	// TrapException: a processor exception other than a page fault. Vector is
	// the x86 vector (0 divide, 1 debug, 3 breakpoint, 4 overflow, 5 bounds,
	// 6 invalid opcode, 13 general protection, 16 x87, 17 alignment,
	// 19 SIMD); Code the error code where there is one.
	TrapException
	// TrapKick: Kick was called.
	TrapKick
	// TrapBad: the guest did what no program may do: int 0x80, sysenter, a
	// vsyscall, or damage to machine's own slots. The task should be ended.
	TrapBad
	// TrapDead: the Space has died. Run will say so for ever.
	TrapDead
)

// Trap describes why Run returned.
type Trap struct {
	Kind    TrapKind
	Fast    bool // TrapSyscall: came by TrapEntry, not by a syscall instruction
	Write   bool
	Exec    bool
	Present bool
	Vector  uint8
	Code    uint32
	Addr    Addr
}

// Regs are the general registers in the order of Darwin's
// x86_thread_state64_t (<mach/i386/_structs.h>), then GSBase, which is the
// guest's thread pointer.
type Regs struct {
	Rax, Rbx, Rcx, Rdx, Rdi, Rsi, Rbp, Rsp uint64
	R8, R9, R10, R11, R12, R13, R14, R15   uint64
	Rip, Rflags, Cs, Fs, Gs                uint64
	GSBase                                 uint64
}

// FlagCarry is the carry flag, by which Darwin reports errors.
const FlagCarry = 1

// Context is one guest thread's processor state. All methods but Kick are for
// the goroutine that owns it.
type Context interface {
	// Run enters the guest and returns at its next trap. While the guest runs
	// the calling goroutine may hold a host thread, so the caller sees to it
	// that no more Contexts run than there are processors. No lock may be held.
	Run() Trap
	// Regs returns the registers as they were at the last trap, for reading and
	// for changing; changes through it take effect only after SetRegs.
	Regs() *Regs
	// Args is Regs for most system calls, and cheaper: of what it points to, only
	// Rax, Rdi, Rsi, Rdx, R10 and Rflags need be right until Regs is called.
	Args() *Regs
	// SetRegs installs *r as the whole register state for the next Run.
	// Unsafe bits of Rflags are dropped; selectors are ignored.
	SetRegs(r *Regs)
	// Return sets the result of a TrapSyscall for the next Run: the cheap way,
	// leaving all other registers alone. rax and rdx are stored; carry sets or
	// clears the carry flag.
	Return(rax, rdx uint64, carry bool)
	// Xstate appends the extended state (the host's XSAVE image, standard
	// format: x87, SSE, AVX, AVX-512) to b. After a fast syscall, in which
	// it is dead by the calling convention, it gives the initial state.
	Xstate(b []byte) []byte
	// SetXstate installs an image that Xstate made. Hostile images are made
	// harmless: unknown components are dropped. It takes effect with
	// SetRegs.
	SetXstate(b []byte)
	// Kick makes a Run in progress, or else the next one, return soon: with
	// TrapKick, or with any other trap. Extra kicks are harmless. Any
	// goroutine may call it at any time.
	Kick()
	// Local says whether the thread may sleep by itself (WaitEntry) from now
	// on; at first it may not. Any goroutine may call it at any time.
	Local(ok bool)
	// Parked says whether the thread seems to sleep by itself (WaitEntry) while
	// Run is in progress. It is the guest's word for it. Any goroutine may
	// ask at any time.
	Parked() bool
	// Destroy ends the context's host thread; Run may not be in progress.
	Destroy()
}
