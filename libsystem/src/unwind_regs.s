/* The unwinder's two ends: take the registers, and go on with others. */
	.text
	.globl _unwind_capture
	.private_extern _unwind_capture
	.p2align 4
_unwind_capture:
	movq %rbx, 24(%rdi)
	movq %rbp, 48(%rdi)
	leaq 8(%rsp), %rax
	movq %rax, 56(%rdi)
	movq %r12, 96(%rdi)
	movq %r13, 104(%rdi)
	movq %r14, 112(%rdi)
	movq %r15, 120(%rdi)
	movq (%rsp), %rax
	movq %rax, 128(%rdi)
	retq

	.globl _unwind_resume
	.private_extern _unwind_resume
	.p2align 4
_unwind_resume:
	movq 56(%rdi), %rcx
	movq 128(%rdi), %rax
	subq $16, %rcx          /* rip and rdi wait below the new stack's top */
	movq %rax, 8(%rcx)
	movq 40(%rdi), %rax
	movq %rax, (%rcx)
	movq 0(%rdi), %rax
	movq 8(%rdi), %rdx
	movq 24(%rdi), %rbx
	movq 32(%rdi), %rsi
	movq 48(%rdi), %rbp
	movq 64(%rdi), %r8
	movq 72(%rdi), %r9
	movq 80(%rdi), %r10
	movq 88(%rdi), %r11
	movq 96(%rdi), %r12
	movq 104(%rdi), %r13
	movq 112(%rdi), %r14
	movq 120(%rdi), %r15
	movq %rcx, %rsp
	popq %rdi
	retq
