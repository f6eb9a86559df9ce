/* What a signal handler is told about the interrupted thread. */
#ifndef _SYS_UCONTEXT_H_
#define _SYS_UCONTEXT_H_
#include <sys/signal.h>
#include <mach/i386/thread_state.h>
struct __darwin_mcontext64 {
	x86_exception_state64_t __es;
	x86_thread_state64_t __ss;
	x86_float_state64_t __fs;
};
typedef struct __darwin_mcontext64 *mcontext_t;
typedef struct __darwin_ucontext {
	int uc_onstack;
	sigset_t uc_sigmask;
	stack_t uc_stack;
	struct __darwin_ucontext *uc_link;
	size_t uc_mcsize;
	struct __darwin_mcontext64 *uc_mcontext;
#ifdef _XOPEN_SOURCE
	struct __darwin_mcontext64 __mcontext_data;
#endif
} ucontext_t;
#endif
