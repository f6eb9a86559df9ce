/* Contexts of one's own. */
#ifndef _UCONTEXT_H_
#define _UCONTEXT_H_
#if !defined(_XOPEN_SOURCE)
#error "ucontext.h: define _XOPEN_SOURCE before the first header"
#endif
#include <sys/ucontext.h>
__BEGIN_DECLS
int getcontext(ucontext_t *);
int setcontext(const ucontext_t *);
void makecontext(ucontext_t *, void (*)(), int, ...);
int swapcontext(ucontext_t *__restrict, const ucontext_t *__restrict);
__END_DECLS
#endif
