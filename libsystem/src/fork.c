/*
 * fork, and what must be right in a child: locks of this library free, the
 * thread list down to one, ports asked for anew, random numbers of its own.
 */
#include "private.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
#include <mach/mach_init.h>

hidden long fork_raw(void);

struct atfork { void (*prepare)(void), (*parent)(void), (*child)(void); };
static struct atfork *handlers; /* atfork_lock */
static int nhandlers;
static lock_t atfork_lock;

int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
	lock(&atfork_lock);
	struct atfork *h = realloc(handlers, (nhandlers + 1) * sizeof *h);
	if (h) {
		handlers = h;
		h[nhandlers++] = (struct atfork){ prepare, parent, child };
	}
	unlock(&atfork_lock);
	return h ? 0 : ENOMEM;
}

pid_t fork(void)
{
	lock(&atfork_lock);
	int n = nhandlers;
	struct atfork *h = handlers;
	for (int i = n; i-- > 0;)
		if (h[i].prepare)
			h[i].prepare();
	env_fork_prepare();
	stdio_fork_prepare();
	malloc_fork_prepare();
	lock(&thread_lock);
	long pid = fork_raw();
	if (pid == 0) {
		thread_fork_child();
		mach_init_ports();
		random_fork_child();
	} else {
		unlock(&thread_lock);
	}
	malloc_fork_done();
	stdio_fork_done();
	env_fork_done();
	unlock(&atfork_lock);
	for (int i = 0; i < n; i++) {
		void (*fn)(void) = pid == 0 ? h[i].child : h[i].parent;
		if (fn)
			fn();
	}
	if (pid < 0) {
		errno = -pid;
		return -1;
	}
	return pid;
}

/*
 * POSIX lets vfork be fork, and here it is: a child that shared our memory would
 * also share the return address that the stub needs.
 */
pid_t vfork(void) { return fork(); }

pid_t wait(int *st) { return wait4(-1, st, 0, NULL); }
pid_t waitpid(pid_t p, int *st, int opt) { return wait4(p, st, opt, NULL); }
pid_t wait3(int *st, int opt, struct rusage *r) { return wait4(-1, st, opt, r); }
