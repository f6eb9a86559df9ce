/* Contexts that begin with a function of their own, and go on with another. */
#define _XOPEN_SOURCE 700
#include "private.h"
#include <stdlib.h>
#include <ucontext.h>

void context_begin(void) hidden;
void context_end(ucontext_t *) hidden;

void context_end(ucontext_t *u)
{
	if (u->uc_link)
		setcontext(u->uc_link);
	exit(0);
}
/* Six arguments at most, which is what goes into registers. */
void makecontext(ucontext_t *u, void (*fn)(), int n, ...)
{
	va_list ap;
	uint64_t a[6] = { 0 };
	va_start(ap, n);
	for (int i = 0; i < n && i < 6; i++)
		a[i] = va_arg(ap, uint64_t);
	va_end(ap);
	u->uc_mcontext = &u->__mcontext_data;
	x86_thread_state64_t *r = &u->uc_mcontext->__ss;
	r->__rdi = a[0];
	r->__rsi = a[1];
	r->__rdx = a[2];
	r->__rcx = a[3];
	r->__r8 = a[4];
	r->__r9 = a[5];
	r->__rax = 0;
	r->__rbp = 0;
	r->__rbx = (uintptr_t)fn;
	r->__r12 = (uintptr_t)u;
	r->__rsp = ((uintptr_t)u->uc_stack.ss_sp + u->uc_stack.ss_size) & ~15ul;
	r->__rip = (uintptr_t)context_begin;
}
int swapcontext(ucontext_t *restrict out, const ucontext_t *restrict in)
{
	volatile bool back = false;
	if (getcontext(out) < 0)
		return -1;
	if (!back) {
		back = true;
		setcontext(in);
	}
	return 0;
}
