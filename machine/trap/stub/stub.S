// The stub: the only code of ours in a guest's address space.
//
// It is mapped read-execute at 0x7fffffe08000 (machine.TrapEntry) in every
// shell, and the guest may jump anywhere in it with any registers. So it holds
// no power of its own: what a thread may ask of the host is decided by its
// seccomp filter (../filter.go), and all state of consequence is on the
// kernel's side. What is here:
//
//	entry      a guest calls it to trap: registers to the slot, wait, return
//	waitword   sleeping and waking among a task's threads without the kernel
//	handler    host signals: faults, raw system calls, kicks
//	wait       the guest side's hybrid wait, spin then futex
//	control    the control thread's loop: mmap and clone on request
//	thread     a new guest thread's first steps
//	zygote     the first shell's first steps
//
// The control thread uses no stack and reads its orders from pages that the
// shell maps read-only, because everything writable here is guest-writable.
//
// A slot is 32 KB, aligned; %fs is its base while a guest thread runs. Offsets
// must agree with ../slot_unsafe.go.

// Line 0 changes hands with the state, and has all that an ordinary call and its
// return need. Line 1 is the kernel's to write, the rest the stub's, and the other
// side hardly looks there: so that a call moves one line there and back.
#define STATE       0x00    // u32: STATE_*
#define STUBSLEEPS  0x04    // u32: the stub waits at its bell
#define KIND        0x08    // u32: KIND_*
#define RAX         0x10    // and the result
#define RDI         0x18
#define RSI         0x20
#define RDX         0x28    // and the second result
#define R10         0x30
#define HANDOFF     0x38    // u64: let others run here; if not 1, ring this bell first
#define RESUME      0x40    // u32: RESUME_*
#define KICK        0x44    // u32: leave the guest at once
#define KCPU        0x48    // u32: where the kernel's thread is
#define SPIN        0x4c    // u32: how many pauses to spin for the kernel
#define SETGS       0x50    // u32: load GSBASE from the slot
#define KERNSLEEPS  0x54    // u32: the kernel waits for the doorbell
#define LOCALOK     0x58    // u32: waitword may sleep by itself
#define BELL        0x60    // u64: where the stub sleeps
#define R8          0x80
#define R9          0x88
#define RIP         0x90
#define RSP         0x98
#define RBX         0xa0
#define RBP         0xa8
#define R12         0xb0
#define R13         0xb8
#define R14         0xc0
#define R15         0xc8
#define RCX         0xd0
#define R11         0xd8
#define RFLAGS      0xe0
#define GSBASE      0xe8
#define SIGNO       0xf0    // u32
#define TID         0xf4    // u32: host thread id
#define FRAME       0xf8    // u64: ucontext
#define INFO        0x100   // u64: siginfo
#define LOCAL       0x108   // u32: asleep in waitword
#define CPU         0x10c   // u32: where the guest thread trapped
#define LOST        0x110   // u32: how many calls are not to give way for the kernel
#define IRET        0x180   // rip cs rflags rsp ss
#define XBUF        0x1000
#define ALTSTACK    0x3000
#define SLOTSIZE    0x8000

#define STATE_TRAPPED 1     // the guest waits; otherwise it is to run:
#define STATE_CARRY   2     // 0 or this: return from a call, this with the carry flag set
#define STATE_FULL    3     // as RESUME says

#define YIELDS        20    // how often a thread that gives way does so before it sleeps

#define LONGYIELD     1000000 // cycles after which it has given way to somebody else
#define LOSTCALLS     1000

#define KIND_FAST   1       // by entry: RIP, RSP, and the preserved registers are in the slot
#define KIND_HELD   2       // kicked before it left the stub: nothing has changed since resume
#define KIND_START  3       // a new thread
#define KIND_SIGNAL 4       // FRAME has everything; this and beyond end by the host's signal return
#define KIND_SYS    5       // a syscall instruction: as KIND_FAST, and FRAME has the rest

#define RESUME_RET   0      // only the GS base: everything else is in the signal frame
#define RESUME_FULL  1      // all general registers
#define RESUME_FULLX 2      // and the extended state in XBUF
#define RESUME_AGAIN 3      // the thread is done with: wait to be another

#define NR_INTERRUPTED 0xa000008 // the private call that a kick in waitword makes

#define CPUNODE 0x7b        // the segment whose limit is the CPU number

#define SYS_write 1
#define SYS_mmap 9
#define SYS_munmap 11
#define SYS_pwrite64 18
#define SYS_rt_sigaction 13
#define SYS_rt_sigprocmask 14
#define SYS_rt_sigreturn 15
#define SYS_clone 56
#define SYS_close 3
#define SYS_sched_yield 24
#define SYS_exit 60
#define SYS_getppid 110
#define SYS_sigaltstack 131
#define SYS_prctl 157
#define SYS_gettid 186
#define SYS_futex 202
#define SYS_exit_group 231
#define SYS_seccomp 317
#define SYS_close_range 436

// Fixed places of a shell; ../layout.go.
#define COMM     0x7fffffe00000
#define CTL      0x7fffffe01000     // 4 pages, read-only; the last is ACK
#define REPLY    0x7fffffe05000     // 1 page
#define RODATA   0x7fffffe06000     // 2 pages, read-only
#define TEXT     0x7fffffe08000     // 2 pages
#define TEXTSIZE 0x2000
#define BELLS    0x7fffffe10000     // BELLSIZE, read-only
#define BELLSIZE 0x120000
#define SLOTBASE 0x7fffc0000000

// Offsets in RODATA; ../rodata.go fills them in.
#define RO_NOMASK     0x00          // sigset: nothing blocked
#define RO_ALLMASK    0x08          // sigset: everything
#define RO_PPID       0x10          // u32: the kernel's pid
#define RO_NSIG       0x14          // u32: how many sigactions follow
#define RO_GUESTPROG  0x20          // sock_fprog
#define RO_CTLPROG    0x30
#define RO_SIGACTION  0x40          // {u64 signo; sigaction 32 bytes} each 40 bytes

#define RO_ONE (RODATA+0x1008)       // u64: 1
#define DOORBELL 4                  // the eventfd that wakes the kernel

// Physical offsets of the fixed pages.
#define PA_COMM   0x0000
#define PA_RODATA 0x1000
#define PA_TEXT   0x4000
#define PA_BELLS  0x20000

	.text
_start:
	jmp	entry
	.balign	16
	jmp	waitword                // machine.WaitEntry
	.balign	16
	jmp	wakeword                // machine.WakeEntry
	.balign	16
	// Read by ../blob.go.
	.long	handler - _start
	.long	restorer - _start
	.long	zygote - _start
	.long	end - _start
	.long	window_begin - _start
	.long	window_end - _start
	.long	again - _start
	.long	interrupted - _start

	// waitword: sleeps while the word at rdi is esi, at most for the struct
	// timespec at rdx, without a crossing: a private futex of the host. rax is 0,
	// or a negative errno of the host's: EAGAIN, ETIMEDOUT, EINTR, EFAULT (not
	// mapped here: touch it), ENOSYS (ask the kernel instead). A kick on the way
	// has the kernel called, whatever the result was; then it is EINTR.
	.balign	64
waitword:
	cmpl	$0, %fs:LOCALOK
	je	1f
	mov	%rdx, %r10
	mov	%esi, %edx
	mov	$128, %esi              // FUTEX_WAIT_PRIVATE
	movl	$1, %fs:LOCAL
waitword_begin:
	cmpl	$0, %fs:KICK
	jne	interrupted
	mov	$SYS_futex, %eax
	syscall
	movl	$0, %fs:LOCAL
	ret
waitword_end:
1:	mov	$-38, %rax
	ret

	// wakeword: wakes at most esi threads in waitword on the word at rdi. rax is
	// how many were, or negative: unknown.
	.balign	64
wakeword:
	mov	%esi, %edx
	mov	$129, %esi              // FUTEX_WAKE_PRIVATE
	mov	$SYS_futex, %eax
	syscall
wakeword_begin:
	cmpl	$0, %fs:KICK
	jne	interrupted
	ret
wakeword_end:
interrupted:
	movl	$0, %fs:LOCAL
	mov	$NR_INTERRUPTED, %eax
	jmp	entry

	// entry: called by guests as if it were a syscall instruction.
	.balign	64
entry:
	mov	%rax, %fs:RAX
	mov	%rdx, %fs:RDX
	mov	%rdi, %fs:RDI
	mov	%rsi, %fs:RSI
	mov	%r10, %fs:R10
	mov	%r8, %fs:R8
	mov	%r9, %fs:R9
	mov	(%rsp), %rcx
	lea	8(%rsp), %r11
	mov	%rcx, %fs:RIP
	mov	%r11, %fs:RSP
	mov	%rbx, %fs:RBX
	mov	%rbp, %fs:RBP
	mov	%r12, %fs:R12
	mov	%r13, %fs:R13
	mov	%r14, %fs:R14
	mov	%r15, %fs:R15
	movl	$KIND_FAST, %fs:KIND
publish:
	mov	$STATE_TRAPPED, %ecx
	xchg	%ecx, %fs:STATE
	cmpl	$0, %fs:KERNSLEEPS
	jne	wakekernel
wait:
	// Spin while the kernel's thread is on another CPU.
	mov	$CPUNODE, %edx
	lsl	%edx, %edx
	and	$0xfff, %edx
	mov	%edx, %fs:CPU
	mov	%fs:SPIN, %ecx
	cmp	%fs:KCPU, %edx
	je	samecpu
spin:
	cmpl	$STATE_TRAPPED, %fs:STATE
	jne	resumed
	pause
	cmpq	$0, %fs:HANDOFF
	jne	handoff
	dec	%ecx
	jg	spin
	jmp	sleep
samecpu:
	// The kernel's thread is on this CPU, or was: it is let by, and nobody need be woken.
	// Whoever gives way to one that computes gets the CPU back late, and who is woken does
	// not: after that many calls sleep.
	test	%ecx, %ecx
	jz	sleep
	cmpl	$0, %fs:LOST
	je	giveway
	decl	%fs:LOST
sleep:
	mov	%fs:BELL, %rdi
	mov	(%rdi), %r8d            // rung after this, it is not slept at
	mov	$1, %ecx
	xchg	%ecx, %fs:STUBSLEEPS
	cmpl	$STATE_TRAPPED, %fs:STATE
	jne	awake
	xor	%esi, %esi              // FUTEX_WAIT
	mov	%r8d, %edx
	xor	%r10d, %r10d
	mov	$SYS_futex, %eax
	syscall
	cmpl	$STATE_TRAPPED, %fs:STATE
	jne	awake
	movl	$0, %fs:STUBSLEEPS
	jmp	wait                    // whoever was woken in its stead is done
awake:
	movl	$0, %fs:STUBSLEEPS
resumed:
	cmpl	$KIND_SIGNAL, %fs:KIND
	jae	signalled
window_begin:
	// From here to the last instruction of each way out, a kick begins again
	// at resumed: everything is still in the slot.
	cmpl	$0, %fs:KICK
	jne	held
	mov	%fs:STATE, %ecx
	cmp	$STATE_FULL, %ecx
	je	full
	mov	%fs:RDI, %rdi
	mov	%fs:RSI, %rsi
	mov	%fs:R10, %r10
	mov	%fs:RDX, %rdx
	mov	%fs:RAX, %rax
	bt	$1, %ecx                // STATE_CARRY
	ret
full:
	cmpl	$0, %fs:SETGS
	jne	setgs
gsset:
	cmpl	$RESUME_AGAIN, %fs:RESUME
	je	again
	cmpl	$RESUME_FULLX, %fs:RESUME
	jne	general
	mov	$0xe7, %eax             // x87 SSE AVX, AVX-512: as the kernel sanitised it
	xor	%edx, %edx
	rdfsbase %rcx
	xrstor64 XBUF(%rcx)
general:
	mov	%fs:RIP, %rax
	mov	%rax, %fs:IRET
	mov	%cs, %eax
	mov	%rax, %fs:IRET+8
	mov	%fs:RFLAGS, %rax
	mov	%rax, %fs:IRET+16
	mov	%fs:RSP, %rax
	mov	%rax, %fs:IRET+24
	mov	%ss, %eax
	mov	%rax, %fs:IRET+32
	mov	%fs:RBX, %rbx
	mov	%fs:RCX, %rcx
	mov	%fs:RDX, %rdx
	mov	%fs:RDI, %rdi
	mov	%fs:RSI, %rsi
	mov	%fs:RBP, %rbp
	mov	%fs:R8, %r8
	mov	%fs:R9, %r9
	mov	%fs:R10, %r10
	mov	%fs:R11, %r11
	mov	%fs:R12, %r12
	mov	%fs:R13, %r13
	mov	%fs:R14, %r14
	mov	%fs:R15, %r15
	rdfsbase %rax
	lea	IRET(%rax), %rsp
	mov	%fs:RAX, %rax
	iretq
setgs:
	mov	%fs:GSBASE, %rax
	wrgsbase %rax
	jmp	gsset
window_end:
	hlt

	// again: a context was destroyed; its host thread waits to be reused.
again:
	movl	$KIND_START, %fs:KIND
	jmp	publish

held:
	// Kicked before leaving: tell the kernel, which has the registers.
	movl	$KIND_HELD, %fs:KIND
	jmp	publish

	// handoff: the kernel wants another thread to run on this CPU, because to have it
	// woken elsewhere takes an interrupt: wake it, if it sleeps, and let it by.
handoff:
	xor	%edi, %edi
	xchg	%rdi, %fs:HANDOFF
	cmp	$1, %rdi
	jbe	giveway
	mov	$1, %esi                // FUTEX_WAKE
	mov	$0x7fffffff, %edx
	mov	$SYS_futex, %eax
	syscall
giveway:
	mov	$YIELDS, %r9d
1:
	rdtsc
	mov	%eax, %r8d
	mov	$SYS_sched_yield, %eax
	syscall
	rdtsc
	sub	%r8d, %eax
	cmp	$LONGYIELD, %eax
	jb	2f
	movl	$LOSTCALLS, %fs:LOST
2:
	cmpl	$STATE_TRAPPED, %fs:STATE
	jne	resumed
	cmpq	$0, %fs:HANDOFF
	jne	handoff
	dec	%r9d
	jg	1b
	jmp	sleep

wakekernel:
	mov	$DOORBELL, %edi
	movabs	$RO_ONE, %rsi
	mov	$8, %edx
	mov	$SYS_write, %eax
	syscall
	jmp	wait

	// handler(signo, info, ucontext) on the alternate stack, which is the end
	// of the slot; every signal is blocked in it.
	.balign	64
handler:
	mov	%rsp, %rcx
	and	$-SLOTSIZE, %rcx
	wrfsbase %rcx
	mov	168(%rdx), %rax         // uc_mcontext.gregs[REG_RIP]
	cmp	$23, %edi               // the kick: SIGURG
	jne	1f
	// In the stub a kick needs no trap: either the kernel hears of this
	// thread anyway, or it is on its way out and begins that again.
	lea	_start(%rip), %r8
	cmp	%r8, %rax
	jb	1f
	lea	end(%rip), %r8
	cmp	%r8, %rax
	jae	1f
	lea	window_begin(%rip), %r8
	cmp	%r8, %rax
	jb	inwords
	lea	window_end(%rip), %r9
	cmp	%r9, %rax
	jae	restorer_jmp
	// The way out loads rsp last but one; a kick after that finds it
	// in the slot, and begins again from there just as well.
	// Unless the thread came to where it is by the host's signal return, after a
	// fault there: then the frame has the truth, and not the slot.
	cmpl	$KIND_SIGNAL, %fs:KIND
	jae	1f
	mov	%r8, 168(%rdx)
	jmp	restorer_jmp
inwords:
	// In waitword and wakeword it has not, and is to hear of it.
	lea	interrupted(%rip), %r8
	lea	waitword_begin(%rip), %r9
	cmp	%r9, %rax
	jb	restorer_jmp
	lea	waitword_end(%rip), %r9
	cmp	%r9, %rax
	jb	interrupt
	lea	wakeword_begin(%rip), %r9
	cmp	%r9, %rax
	jb	restorer_jmp
	lea	wakeword_end(%rip), %r9
	cmp	%r9, %rax
	jae	restorer_jmp
interrupt:
	mov	%r8, 168(%rdx)
restorer_jmp:
	ret
1:
	rdgsbase %rax
	mov	%rax, %fs:GSBASE
	mov	%rdx, %fs:FRAME
	cmp	$31, %edi               // SIGSYS
	jne	2f
	cmpl	$1, 8(%rsi)             // SYS_SECCOMP
	jne	2f
	cmpl	$0xc000003e, 28(%rsi)   // AUDIT_ARCH_X86_64
	jne	2f
	// What an ordinary call needs goes to the line that changes hands: the frame
	// is on this CPU, and each of its lines would have to come from there and go back.
	mov	144(%rdx), %rax
	mov	%rax, %fs:RAX
	mov	136(%rdx), %rax
	mov	%rax, %fs:RDX
	mov	104(%rdx), %rax
	mov	%rax, %fs:RDI
	mov	112(%rdx), %rax
	mov	%rax, %fs:RSI
	mov	56(%rdx), %rax
	mov	%rax, %fs:R10
	movl	$KIND_SYS, %fs:KIND
	jmp	publish
2:
	mov	%edi, %fs:SIGNO
	mov	%rsi, %fs:INFO
	movl	$KIND_SIGNAL, %fs:KIND
	jmp	publish
signalled:
	mov	%fs:STATE, %ecx
	cmp	$STATE_FULL, %ecx
	je	6f
	// Only a call of KIND_SYS is let go otherwise.
	mov	%fs:FRAME, %rdi
	mov	%fs:RAX, %rax
	mov	%rax, 144(%rdi)
	mov	%fs:RDX, %rax
	mov	%rax, 136(%rdi)
	shr	$1, %ecx                // STATE_CARRY
	andq	$~1, 176(%rdi)
	or	%rcx, 176(%rdi)
	ret
6:
	cmpl	$0, %fs:SETGS
	je	7f
	mov	%fs:GSBASE, %rax
	wrgsbase %rax
7:
	ret
restorer:
	mov	$SYS_rt_sigreturn, %eax
	syscall
	hlt

	// control: r12 CTL, r13 REPLY, r14d the last order's number.
	// CTL:   0 u32 seq, 4 u32 count, 8 u32 how often to give way, 12 u32 kernel waits,
	//        16 u64 physical address of ACK, 24 u64 what acknowledges success,
	//        32 u64 the bell to sleep at,
	//        from 0x40 orders of 64 bytes: nr, six arguments, what acknowledges failure here
	// ACK:   CTL's last page. 0 u64 acknowledgement (low half: seq), 8 u64 errno
	// REPLY: 4 u32 control sleeps, from 0x40 results of 8 bytes
	//
	// A guest can write to REPLY, so what matters goes to ACK, by pwrite from
	// read-only memory, which a guest's filter forbids.
	.balign	64
control:
	mov	8(%r12), %r15d
1:
	cmp	(%r12), %r14d
	jne	2f
	mov	$SYS_sched_yield, %eax
	syscall
	dec	%r15d
	jg	1b
	mov	32(%r12), %rdi
	mov	(%rdi), %edx
	mov	$1, %ecx
	xchg	%ecx, 4(%r13)
	cmp	(%r12), %r14d
	jne	2f
	xor	%esi, %esi
	xor	%r10d, %r10d
	mov	$SYS_futex, %eax
	syscall
	jmp	control
2:
	movl	$0, 4(%r13)
	mov	(%r12), %r14d
	lea	0x40(%r12), %rbx        // order
	lea	0x40(%r13), %rbp        // result
	mov	4(%r12), %r15d
3:
	lea	0x18(%r12), %rsi
	test	%r15d, %r15d
	jz	5f
	mov	(%rbx), %rax
	cmp	$-1, %rax
	je	newthread
	cmp	$-2, %rax
	je	newshell
	mov	0x08(%rbx), %rdi
	mov	0x10(%rbx), %rsi
	mov	0x18(%rbx), %rdx
	mov	0x20(%rbx), %r10
	mov	0x28(%rbx), %r8
	mov	0x30(%rbx), %r9
	syscall
4:
	mov	%rax, (%rbp)
	cmp	$-4095, %rax
	jae	failed
	add	$8, %rbp
	add	$64, %rbx
	dec	%r15d
	jmp	3b
failed:
	neg	%rax
	and	$0xff, %eax
	movabs	$(RODATA+0x1000), %rsi
	lea	(%rsi,%rax,8), %rsi
	mov	16(%r12), %r10
	add	$8, %r10
	mov	$3, %edi
	mov	$8, %edx
	mov	$SYS_pwrite64, %eax
	syscall
	lea	0x38(%rbx), %rsi
5:
	mov	16(%r12), %r10
	mov	$3, %edi
	mov	$8, %edx
	mov	$SYS_pwrite64, %eax
	syscall
	mfence
	cmpl	$0, 12(%r12)
	je	control
	lea	0x3000(%r12), %rdi
	mov	$1, %esi
	mov	$1, %edx
	mov	$SYS_futex, %eax
	syscall
	jmp	control

	// newthread: argument 1 is the slot, 2 the address of its stack_t.
newthread:
	mov	0x08(%rbx), %r9
	mov	$0x50f00, %edi          // VM FS FILES SIGHAND THREAD SYSVSEM
	xor	%esi, %esi
	xor	%edx, %edx
	xor	%r10d, %r10d
	xor	%r8d, %r8d
	mov	$SYS_clone, %eax
	syscall
	test	%rax, %rax
	jnz	4b
thread:
	wrfsbase %r9
	mov	0x10(%rbx), %rdi
	xor	%esi, %esi
	mov	$SYS_sigaltstack, %eax
	syscall
	movabs	$RODATA, %r12
	mov	$2, %edi                // SIG_SETMASK
	lea	RO_NOMASK(%r12), %rsi
	xor	%edx, %edx
	mov	$8, %r10d
	mov	$SYS_rt_sigprocmask, %eax
	syscall
	mov	$SYS_gettid, %eax
	syscall
	mov	%eax, %fs:TID
	mov	$1, %edi                // SECCOMP_SET_MODE_FILTER
	mov	$4, %esi                // SPEC_ALLOW
	lea	RO_GUESTPROG(%r12), %rdx
	mov	$SYS_seccomp, %eax
	syscall
	test	%rax, %rax
	jnz	die
	movl	$KIND_START, %fs:KIND
	jmp	publish

	// newshell: argument 1 and 2 are the physical offsets of the child's CTL
	// and REPLY pages. The child is the kernel's own (CLONE_PARENT).
newshell:
	mov	0x08(%rbx), %r8         // now: the next order overwrites them
	mov	0x10(%rbx), %r9
	mov	$0x8011, %edi           // CLONE_PARENT, SIGCHLD
	xor	%esi, %esi
	xor	%edx, %edx
	xor	%r10d, %r10d
	mov	$SYS_clone, %eax
	syscall
	test	%rax, %rax
	jnz	4b
	mov	%r8, %r14
	mov	%r9, %r15
	mov	$1, %edi                // PR_SET_PDEATHSIG
	mov	$9, %esi
	mov	$SYS_prctl, %eax
	syscall
	mov	$SYS_getppid, %eax
	syscall
	movabs	$RODATA, %rdi
	cmp	RO_PPID(%rdi), %eax
	jne	die
	jmp	ownpages

	// zygote: the entry of the first shell's ELF file, at some low address.
	// fd 3 is physical memory, 4 the doorbell; there are no others.
zygote:
	movabs	$TEXT, %rdi
	mov	$TEXTSIZE, %esi
	mov	$5, %edx                // PROT_READ|PROT_EXEC
	mov	$0x11, %r10d            // MAP_SHARED|MAP_FIXED
	mov	$3, %r8d
	mov	$PA_TEXT, %r9d
	mov	$SYS_mmap, %eax
	syscall
	movabs	$TEXT, %rcx
	cmp	%rcx, %rax
	jne	die
	lea	1f(%rip), %rax
	lea	_start(%rip), %rdx
	sub	%rdx, %rax
	add	%rcx, %rax
	jmp	*%rax
1:
	// Everything but the text goes, the initial stack and the vdso too.
	xor	%edi, %edi
	movabs	$TEXT, %rsi
	mov	$SYS_munmap, %eax
	syscall
	movabs	$(TEXT+TEXTSIZE), %rdi
	movabs	$(0x7ffffffff000-TEXT-TEXTSIZE), %rsi
	mov	$SYS_munmap, %eax
	syscall
	movabs	$COMM, %rdi
	mov	$0x1000, %esi
	mov	$1, %edx
	mov	$0x11, %r10d
	mov	$3, %r8d
	mov	$PA_COMM, %r9d
	mov	$SYS_mmap, %eax
	syscall
	movabs	$COMM, %rcx
	cmp	%rcx, %rax
	jne	die
	movabs	$RODATA, %rdi
	mov	$0x2000, %esi
	mov	$PA_RODATA, %r9d
	mov	$SYS_mmap, %eax
	syscall
	movabs	$RODATA, %r12
	cmp	%r12, %rax
	jne	die
	movabs	$BELLS, %rdi
	mov	$BELLSIZE, %esi
	mov	$PA_BELLS, %r9d
	mov	$SYS_mmap, %eax
	syscall
	movabs	$BELLS, %rcx
	cmp	%rcx, %rax
	jne	die
	xor	%edi, %edi
	mov	$2, %esi
	xor	%edx, %edx
	mov	$SYS_close_range, %eax
	syscall
	mov	$5, %edi
	mov	$-1, %esi
	xor	%edx, %edx
	mov	$SYS_close_range, %eax
	syscall
	mov	$2, %edi                // SIG_SETMASK
	lea	RO_ALLMASK(%r12), %rsi
	xor	%edx, %edx
	mov	$8, %r10d
	mov	$SYS_rt_sigprocmask, %eax
	syscall
	mov	RO_NSIG(%r12), %ebp
	lea	RO_SIGACTION(%r12), %rbx
2:
	mov	(%rbx), %rdi
	lea	8(%rbx), %rsi
	xor	%edx, %edx
	mov	$8, %r10d
	mov	$SYS_rt_sigaction, %eax
	syscall
	test	%rax, %rax
	jnz	die
	add	$40, %rbx
	dec	%ebp
	jnz	2b
	mov	$38, %edi               // PR_SET_NO_NEW_PRIVS
	mov	$1, %esi
	xor	%edx, %edx
	xor	%r10d, %r10d
	xor	%r8d, %r8d
	mov	$SYS_prctl, %eax
	syscall
	test	%rax, %rax
	jnz	die
	mov	$1, %edi
	mov	$4, %esi
	lea	RO_CTLPROG(%r12), %rdx
	mov	$SYS_seccomp, %eax
	syscall
	test	%rax, %rax
	jnz	die
	mov	$0x10000, %r14d         // the zygote's own CTL and REPLY
	mov	$0x14000, %r15d

	// ownpages: map CTL from physical r14 and REPLY from r15, and serve.
ownpages:
	movabs	$CTL, %rdi
	mov	$0x4000, %esi
	mov	$1, %edx
	mov	$0x11, %r10d
	mov	$3, %r8d
	mov	%r14, %r9
	mov	$SYS_mmap, %eax
	syscall
	movabs	$CTL, %r12
	cmp	%r12, %rax
	jne	die
	movabs	$REPLY, %rdi
	mov	$0x1000, %esi
	mov	$3, %edx
	mov	%r15, %r9
	mov	$SYS_mmap, %eax
	syscall
	movabs	$REPLY, %r13
	cmp	%r13, %rax
	jne	die
	xor	%r14d, %r14d
	jmp	control

die:
	mov	$77, %edi
	mov	$SYS_exit_group, %eax
	syscall
	hlt
	.balign	16
end:
