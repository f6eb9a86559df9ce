# Where control comes from the kernel: a new program, a new thread, a signal.

	.section __TEXT,__text,regular,pure_instructions

# rdi: struct puggle_start; rsp: argc, argv ... as Darwin has it. An
# LC_UNIXTHREAD entry gets the same rsp and clear registers.
	.globl ___puggle_start
	.globl __puggle_start
	.p2align 4
___puggle_start:
__puggle_start:
	movq %rsp, %rbx
	movq %rsp, %rsi
	xorl %ebp, %ebp
	andq $-16, %rsp
	callq _libsystem_start
	movq %rbx, %rsp
	xorl %ebx, %ebx
	xorl %ecx, %ecx
	xorl %edx, %edx
	xorl %esi, %esi
	xorl %edi, %edi
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	cld
	jmpq *%rax

# rdi pthread, esi its port, rdx function, rcx argument, r8 stack size, r9 flags.
	.globl _thread_start
	.private_extern _thread_start
	.p2align 4
_thread_start:
	xorl %ebp, %ebp
	andq $-16, %rsp
	callq _thread_main
	ud2

# rdi handler, esi style, edx signal, rcx siginfo, r8 ucontext, r9 token.
	.globl __sigtramp
	.p2align 4
__sigtramp:
	pushq %rbp
	movq %rsp, %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	subq $8, %rsp
	movq %r8, %rbx
	movl %esi, %r12d
	movq %r9, %r13
	movq %rdi, %rax
	movl %edx, %edi
	movq %rcx, %rsi
	movq %r8, %rdx
	callq *%rax
	movq %rbx, %rdi
	movl %r12d, %esi
	movq %r13, %rdx
	callq ___sigreturn
	ud2

# int pipe(int fds[2]): the kernel gives both descriptors in registers.
	.globl _pipe
	.p2align 4
_pipe:
	movl $0x200002a, %eax
	movabsq $0x7fffffe08000, %r11
	callq *%r11
	jc 1f
	movl %eax, (%rdi)
	movl %edx, 4(%rdi)
	xorl %eax, %eax
	retq
1:	movq %gs:8, %r11
	movl %eax, (%r11)
	movq $-1, %rax
	retq

# long fork_raw(void): 0 in the child, -errno on failure.
	.globl _fork_raw
	.private_extern _fork_raw
	.p2align 4
_fork_raw:
	movl $0x2000002, %eax
	movabsq $0x7fffffe08000, %r11
	callq *%r11
	jc 1f
	testl %edx, %edx
	je 2f
	xorl %eax, %eax
2:	retq
1:	negq %rax
	retq

# int syscall(int number, ...): the indirect call, done here by shifting.
	.globl _syscall
	.p2align 4
_syscall:
	movl %edi, %eax
	orl $0x2000000, %eax
	movq %rsi, %rdi
	movq %rdx, %rsi
	movq %rcx, %rdx
	movq %r8, %r10
	movq %r9, %r8
	movq 8(%rsp), %r9
	movabsq $0x7fffffe08000, %r11
	pushq 24(%rsp)	# the seventh argument, where the kernel looks for it:
	pushq 24(%rsp)	# above a word that stands for the return address
	pushq $0
	callq *%r11
	leaq 24(%rsp), %rsp
	jc 1f
	retq
1:	movq %gs:8, %r11
	movl %eax, (%r11)
	movq $-1, %rax
	retq

# uint64_t thread-local access by the compiler's descriptors: rdi descriptor,
# result rax, every other register kept.
	.globl __tlv_bootstrap
	.p2align 4
__tlv_bootstrap:
	movq 8(%rdi), %rax
	testq %rax, %rax
	je 1f
	movq %gs:(,%rax,8), %rax
	testq %rax, %rax
	je 1f
	addq 16(%rdi), %rax
	retq
1:	pushq %rbp
	movq %rsp, %rbp
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	subq $256, %rsp
	andq $-16, %rsp
	movups %xmm0, (%rsp)
	movups %xmm1, 16(%rsp)
	movups %xmm2, 32(%rsp)
	movups %xmm3, 48(%rsp)
	movups %xmm4, 64(%rsp)
	movups %xmm5, 80(%rsp)
	movups %xmm6, 96(%rsp)
	movups %xmm7, 112(%rsp)
	movups %xmm8, 128(%rsp)
	movups %xmm9, 144(%rsp)
	movups %xmm10, 160(%rsp)
	movups %xmm11, 176(%rsp)
	movups %xmm12, 192(%rsp)
	movups %xmm13, 208(%rsp)
	movups %xmm14, 224(%rsp)
	movups %xmm15, 240(%rsp)
	callq _tlv_slow
	movups (%rsp), %xmm0
	movups 16(%rsp), %xmm1
	movups 32(%rsp), %xmm2
	movups 48(%rsp), %xmm3
	movups 64(%rsp), %xmm4
	movups 80(%rsp), %xmm5
	movups 96(%rsp), %xmm6
	movups 112(%rsp), %xmm7
	movups 128(%rsp), %xmm8
	movups 144(%rsp), %xmm9
	movups 160(%rsp), %xmm10
	movups 176(%rsp), %xmm11
	movups 192(%rsp), %xmm12
	movups 208(%rsp), %xmm13
	movups 224(%rsp), %xmm14
	movups 240(%rsp), %xmm15
	leaq -64(%rbp), %rsp
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	popq %rbp
	retq

# Everything is bound before a program starts: a lazy bind left over is a bug.
	.globl dyld_stub_binder
	.p2align 4
dyld_stub_binder:
	ud2

	.subsections_via_symbols
