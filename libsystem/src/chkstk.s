/*
 * ___chkstk_darwin: rax bytes of stack are about to be taken. Each page is
 * touched from above, so that the guard below the stack is met and not jumped
 * over. All registers are kept.
 */
	.text
	.globl ____chkstk_darwin
	.p2align 4
____chkstk_darwin:
	pushq %rcx
	pushq %rax
	cmpq $0x1000, %rax
	leaq 24(%rsp), %rcx
	jb 2f
1:	subq $0x1000, %rcx
	testq %rcx, (%rcx)
	subq $0x1000, %rax
	cmpq $0x1000, %rax
	ja 1b
2:	subq %rax, %rcx
	testq %rcx, (%rcx)
	popq %rax
	popq %rcx
	retq
