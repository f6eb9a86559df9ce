# setjmp and friends. The buffer: rbx rbp rsp r12-r15 rip (8 bytes each), mxcsr
# and the x87 control word at 64, the signal mask at 72, and at 76 whether it
# was saved. Darwin's jmp_buf has 148 bytes, sigjmp_buf 152.

	.section __TEXT,__text,regular,pure_instructions

	.globl __setjmp
	.p2align 4
__setjmp:
	movl $0, 76(%rdi)
save:
	movq %rbx, 0(%rdi)
	movq %rbp, 8(%rdi)
	leaq 8(%rsp), %rax
	movq %rax, 16(%rdi)
	movq %r12, 24(%rdi)
	movq %r13, 32(%rdi)
	movq %r14, 40(%rdi)
	movq %r15, 48(%rdi)
	movq (%rsp), %rax
	movq %rax, 56(%rdi)
	stmxcsr 64(%rdi)
	fnstcw 68(%rdi)
	xorl %eax, %eax
	retq

	.globl _sigsetjmp
	.p2align 4
_sigsetjmp:
	testl %esi, %esi
	je __setjmp
	.globl _setjmp
_setjmp:
	pushq %rdi
	movl $1, 76(%rdi)
	leaq 72(%rdi), %rdx
	movl $1, %edi
	xorl %esi, %esi
	callq ___pthread_sigmask
	popq %rdi
	jmp save

	.globl _siglongjmp
	.globl _longjmp
	.p2align 4
_siglongjmp:
_longjmp:
	cmpl $0, 76(%rdi)
	je __longjmp
	pushq %rdi
	pushq %rsi
	subq $8, %rsp
	leaq 72(%rdi), %rsi
	xorl %edx, %edx
	movl $3, %edi
	callq ___pthread_sigmask
	addq $8, %rsp
	popq %rsi
	popq %rdi
	.globl __longjmp
__longjmp:
	movl %esi, %eax
	testl %eax, %eax
	jne 1f
	incl %eax
1:	movq 0(%rdi), %rbx
	movq 8(%rdi), %rbp
	movq 16(%rdi), %rsp
	movq 24(%rdi), %r12
	movq 32(%rdi), %r13
	movq 40(%rdi), %r14
	movq 48(%rdi), %r15
	ldmxcsr 64(%rdi)
	fldcw 68(%rdi)
	jmpq *56(%rdi)
