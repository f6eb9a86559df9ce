# getcontext and setcontext. In ucontext_t: the mask at 4, the size and address of
# the machine's part at 40 and 48, its room at 56. In that part the registers begin
# at 16 in the order of x86_thread_state64; the x87 control word is at 192, mxcsr
# at 216.

	.section __TEXT,__text,regular,pure_instructions

	.globl _getcontext
	.p2align 4
_getcontext:
	leaq 56(%rdi), %rdx
	movq %rdx, 48(%rdi)
	movq $712, 40(%rdi)
	movl $0, (%rdi)
	movq $0, 16(%rdx)
	movq %rbx, 24(%rdx)
	movq %rdi, 48(%rdx)
	movq %rbp, 64(%rdx)
	leaq 8(%rsp), %rcx
	movq %rcx, 72(%rdx)
	movq %r12, 112(%rdx)
	movq %r13, 120(%rdx)
	movq %r14, 128(%rdx)
	movq %r15, 136(%rdx)
	movq (%rsp), %rcx
	movq %rcx, 144(%rdx)
	fnstcw 192(%rdx)
	stmxcsr 216(%rdx)
	pushq %rdi
	leaq 4(%rdi), %rdx
	movl $1, %edi
	xorl %esi, %esi
	callq ___pthread_sigmask
	popq %rdi
	xorl %eax, %eax
	retq

	.globl _setcontext
	.p2align 4
_setcontext:
	pushq %rdi
	leaq 4(%rdi), %rsi
	movl $3, %edi
	xorl %edx, %edx
	callq ___pthread_sigmask
	popq %rax
	movq 48(%rax), %rax
	fldcw 192(%rax)
	ldmxcsr 216(%rax)
	movq 24(%rax), %rbx
	movq 32(%rax), %rcx
	movq 40(%rax), %rdx
	movq 48(%rax), %rdi
	movq 56(%rax), %rsi
	movq 64(%rax), %rbp
	movq 72(%rax), %rsp
	movq 80(%rax), %r8
	movq 88(%rax), %r9
	movq 112(%rax), %r12
	movq 120(%rax), %r13
	movq 128(%rax), %r14
	movq 136(%rax), %r15
	pushq 144(%rax)
	movq 16(%rax), %rax
	retq

# Where a context that makecontext made comes from: its function is in rbx, itself
# in r12. The function's return leads to the next context.
	.globl _context_begin
	.private_extern _context_begin
	.p2align 4
_context_begin:
	callq *%rbx
	movq %r12, %rdi
	callq _context_end
	hlt
