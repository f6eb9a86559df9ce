/*
 * Threads: creation, end, join, identity. The thread structure lies above the
 * stack in one mapping. An ending thread gives its stack back with its last
 * call to the kernel; the page of the structure itself is unmapped by whoever
 * joins it, after the gate says that the thread will not touch it again.
 */
#include "private.h"
#include <mach/mach.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <limits.h>
#include <mach/mach_traps.h>
#include <mach/vm_statistics.h>

#define DEFAULT_STACK (512 * 1024ul)
#define PTHREAD_START_CUSTOM 0x01000000 /* the stack is ours, not the kernel's */

lock_t thread_lock;
struct _opaque_pthread_t main_thread;
static int nthreads = 1; /* thread_lock; those that have not ended */
static struct _opaque_pthread_t *threads; /* thread_lock; until joined */

/* bsdthread_register's data, in libpthread's layout (version 1 part). */
struct registration {
	uint64_t version, dispatch_queue_offset, main_qos;
	uint32_t tsd_offset, return_to_kernel_offset, mach_thread_self_offset;
	uint64_t stack_addr_hint;
	uint32_t mutex_default_policy, joinable_offset_bits;
} __attribute__((packed));

static void init_thread(struct _opaque_pthread_t *t)
{
	t->sig = PTHREAD_SIG;
	t->policy = SCHED_OTHER;
	t->priority = DEFAULT_PRIORITY;
	t->tsd[TSD_SELF] = t;
	t->tsd[TSD_ERRNO] = &t->err;
	t->tsd[TSD_CANCEL] = (void *)CANCEL_ENABLED;
}

/* A thread's name for itself; its number stands in where ports are not served. */
static uint32_t own_port(void)
{
	uint32_t port = thread_self_trap();
	return port ? port : (uint32_t)__thread_selfid();
}

void thread_setup_main(char *stack_top)
{
	struct _opaque_pthread_t *t = &main_thread;
	init_thread(t);
	t->stack_top = stack_top;
	_thread_set_tsd_base(&t->tsd[0]);
	t->port = own_port();
	t->tsd[TSD_THREAD_PORT] = (void *)(uintptr_t)t->port;
	threads = t;
	struct registration r = {
		.version = sizeof r,
		.tsd_offset = offsetof(struct _opaque_pthread_t, tsd),
		.mach_thread_self_offset = offsetof(struct _opaque_pthread_t, tsd[TSD_THREAD_PORT]),
	};
	__bsdthread_register(thread_start, NULL, sizeof *t, &r, (void *)sizeof r, 0, r.tsd_offset);
}

/* The first C function of a new thread; GS is set. */
hidden void thread_main(struct _opaque_pthread_t *t, uint32_t port, void *(*fn)(void *), void *arg)
{
	t->tsd[TSD_THREAD_PORT] = (void *)(uintptr_t)port;
	__atomic_store_n(&t->port, port, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&t->policy, __ATOMIC_SEQ_CST) != SCHED_OTHER || t->priority != DEFAULT_PRIORITY)
		apply_sched(t->port, t->policy, t->priority);
	pthread_exit(fn(arg));
}

/* The layout of pthread_attr_t after its signature. */
struct attr {
	long sig;
	size_t stacksize, guardsize;
	char *stackaddr; /* top */
	int detached, inherit, policy, scope;
	struct sched_param param;
};
#define ATTR_SIG 0x54484441l
_Static_assert(sizeof(struct attr) <= sizeof(pthread_attr_t), "pthread_attr_t");

int pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*fn)(void *), void *arg)
{
	const struct attr *a = (const struct attr *)attr;
	if (a && a->sig != ATTR_SIG)
		return EINVAL;
	size_t size = a && a->stacksize ? a->stacksize : DEFAULT_STACK;
	size_t guard = a ? round_page(a->guardsize) : PAGE;
	size_t below = a && a->stackaddr ? 0 : guard + round_page(size);
	size_t map_size = below + round_page(sizeof(struct _opaque_pthread_t));
	if (size > (1ul << 40) || guard > (1ul << 40))
		return EINVAL;
	int saved = errno;
	char *map = mmap(NULL, map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, VM_MAKE_TAG(VM_MEMORY_STACK), 0);
	if (map == MAP_FAILED) {
		errno = saved;
		return EAGAIN;
	}
	if (below && guard && mprotect(map, guard, PROT_NONE) < 0) {
		munmap(map, map_size);
		errno = saved;
		return EAGAIN;
	}
	struct _opaque_pthread_t *t = (void *)(map + below);
	init_thread(t);
	t->map = map;
	t->map_size = map_size;
	t->stack_map = below;
	t->stack_top = below ? (char *)t : a->stackaddr;
	t->stack_size = size;
	t->start = fn;
	t->arg = arg;
	t->detached = a && a->detached == PTHREAD_CREATE_DETACHED;
	if (a && a->inherit == PTHREAD_EXPLICIT_SCHED) {
		t->policy = a->policy;
		t->priority = a->param.sched_priority;
	}
	lock(&thread_lock);
	nthreads++;
	t->next = threads;
	threads->prev = t;
	threads = t;
	unlock(&thread_lock);
	*out = t;
	long r = __bsdthread_create(fn, arg, t->stack_top, t, PTHREAD_START_CUSTOM);
	if (r < 0 && r > -ELAST - 1) {
		lock(&thread_lock);
		nthreads--;
		if (t->prev)
			t->prev->next = t->next;
		else
			threads = t->next;
		if (t->next)
			t->next->prev = t->prev;
		unlock(&thread_lock);
		munmap(map, map_size);
		errno = saved;
		return r == -EINVAL ? EINVAL : EAGAIN;
	}
	return 0;
}

/* thread_lock is held. */
static void forget(struct _opaque_pthread_t *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		threads = t->next;
	if (t->next)
		t->next->prev = t->prev;
	t->next = t->prev = NULL;
}

hidden void run_tsd_destructors(void);

__attribute__((noreturn)) static void terminate(struct _opaque_pthread_t *t)
{
	sigset_t all = ~0u;
	__pthread_sigmask(SIG_SETMASK, &all, NULL); /* no handler may use what goes away */
	for (int i = 0; i < 2; i++) { /* ports for replies that this thread has made */
		static const unsigned char slot[] = { TSD_MIG_REPLY, TSD_SPECIAL_REPLY };
		mach_port_t p = (uintptr_t)t->tsd[slot[i]];
		t->tsd[slot[i]] = NULL;
		if (p)
			mach_port_mod_refs(mach_task_self_, p, MACH_PORT_RIGHT_RECEIVE, -1);
	}
	lock(&thread_lock);
	if (--nthreads == 0) {
		unlock(&thread_lock);
		sigset_t none = 0;
		__pthread_sigmask(SIG_SETMASK, &none, NULL);
		exit(0);
	}
	char *map = t->map;
	size_t size = t->map_size, stack = t->stack_map;
	uint32_t port = t->port, *gate = &t->gate;
	t->ended = true;
	if (t->detached) {
		forget(t);
		unlock(&thread_lock);
		if (t == &main_thread)
			map = NULL, size = 0;
		__bsdthread_terminate(map, size, port, 0);
	} else {
		unlock(&thread_lock);
		mach_port_deallocate(mach_task_self_, port); /* so that it is gone when the join is over */
		/* From here on nothing of *t is touched: stack and registers only. */
		__atomic_store_n(gate, 1, __ATOMIC_RELEASE);
		word_wake(UL_COMPARE_AND_WAIT | ULF_WAKE_ALL, gate);
		__bsdthread_terminate(stack ? map : NULL, stack, 0, 0);
	}
	__builtin_trap();
}

void pthread_exit(void *result)
{
	struct _opaque_pthread_t *t = self();
	if (__atomic_exchange_n((uint32_t *)&t->tsd[TSD_CANCEL], 0, __ATOMIC_SEQ_CST) & CANCEL_PENDING)
		__pthread_canceled(2); /* what runs from here on is not to be interrupted */
	struct __darwin_pthread_handler_rec *h;
	while ((h = t->cleanup)) {
		t->cleanup = h->__next;
		h->__routine(h->__arg);
	}
	run_tsd_destructors();
	t->result = result;
	terminate(t);
}

void _pthread_exit_cancelled(void) { pthread_exit(PTHREAD_CANCELED); }

static void wait_gate(struct _opaque_pthread_t *t)
{
	while (__atomic_load_n(&t->gate, __ATOMIC_ACQUIRE) == 0)
		word_wait(UL_COMPARE_AND_WAIT, &t->gate, 0, 0);
}

static void release(struct _opaque_pthread_t *t)
{
	if (t != &main_thread)
		munmap(t->map + t->stack_map, t->map_size - t->stack_map);
}

/* Whether t is a thread that has not been joined; thread_lock is held. */
hidden bool thread_known(struct _opaque_pthread_t *t)
{
	for (struct _opaque_pthread_t *p = threads; p; p = p->next)
		if (p == t)
			return true;
	return false;
}

int pthread_join(pthread_t t, void **result)
{
	if (t == self())
		return EDEADLK;
	pthread_testcancel();
	lock(&thread_lock);
	int err = !thread_known(t) ? ESRCH : t->detached || t->joining ? EINVAL : 0;
	if (err == 0)
		t->joining = true;
	unlock(&thread_lock);
	if (err)
		return err;
	while (__atomic_load_n(&t->gate, __ATOMIC_ACQUIRE) == 0) {
		word_wait(UL_COMPARE_AND_WAIT | ULF_WAIT_CANCEL_POINT, &t->gate, 0, 0);
		uint32_t c = (uint32_t)(uintptr_t)tsd_get(TSD_CANCEL);
		if ((c & 3) == 3 && __atomic_load_n(&t->gate, __ATOMIC_ACQUIRE) == 0) {
			lock(&thread_lock);
			t->joining = false;
			unlock(&thread_lock);
			_pthread_exit_cancelled();
		}
	}
	lock(&thread_lock);
	forget(t);
	unlock(&thread_lock);
	if (result)
		*result = t->result;
	int saved = errno;
	release(t);
	errno = saved;
	return 0;
}

int pthread_detach(pthread_t t)
{
	lock(&thread_lock);
	int err = !thread_known(t) ? ESRCH : t->detached || t->joining ? EINVAL : 0;
	bool ended = false;
	if (err == 0) {
		t->detached = true;
		if ((ended = t->ended))
			forget(t);
	}
	unlock(&thread_lock);
	if (ended) {
		wait_gate(t);
		release(t);
	}
	return err;
}

/* After fork only the caller is left. */
void thread_fork_child(void)
{
	struct _opaque_pthread_t *t = self();
	word_fork_child();
	thread_lock.state = 0;
	threads = t;
	t->next = t->prev = NULL;
	t->id = 0;
	t->joining = false;
	nthreads = 1;
	t->port = own_port();
	t->tsd[TSD_THREAD_PORT] = (void *)(uintptr_t)t->port;
	t->tsd[TSD_MIG_REPLY] = t->tsd[TSD_SPECIAL_REPLY] = NULL;
}

pthread_t pthread_self(void) { return self(); }
int pthread_equal(pthread_t a, pthread_t b) { return a == b; }
int pthread_main_np(void) { return self() == &main_thread; }
pthread_t pthread_main_thread_np(void) { return &main_thread; }
int pthread_is_threaded_np(void) { return threads != &main_thread || nthreads > 1; }

int pthread_threadid_np(pthread_t t, uint64_t *id)
{
	if (!id)
		return EINVAL;
	if (t && t != self()) {
		lock(&thread_lock);
		int err = thread_known(t) ? 0 : ESRCH;
		*id = err ? 0 : t->id;
		unlock(&thread_lock);
		if (err == 0 && *id == 0) { /* it has not asked for its own number yet */
			thread_identifier_info_data_t i;
			mach_msg_type_number_t n = THREAD_IDENTIFIER_INFO_COUNT;
			if (thread_info(pthread_mach_thread_np(t), THREAD_IDENTIFIER_INFO, (thread_info_t)&i, &n) != KERN_SUCCESS)
				return ESRCH;
			*id = i.thread_id;
		}
		return err;
	}
	t = self();
	if (t->id == 0)
		t->id = __thread_selfid();
	*id = t->id;
	return 0;
}

unsigned pthread_mach_thread_np(pthread_t t)
{
	if (t == self())
		return t->port;
	/* A thread that has just been made publishes its port when it runs. */
	for (;;) {
		lock(&thread_lock);
		bool ok = thread_known(t);
		uint32_t port = ok ? __atomic_load_n(&t->port, __ATOMIC_ACQUIRE) : 0;
		unlock(&thread_lock);
		if (port || !ok)
			return port;
		thread_switch(0, 2, 1);
	}
}

pthread_t pthread_from_mach_thread_np(unsigned port)
{
	lock(&thread_lock);
	struct _opaque_pthread_t *t = threads;
	while (t && t->port != port)
		t = t->next;
	unlock(&thread_lock);
	return t;
}

int pthread_kill(pthread_t t, int sig)
{
	if (sig < 0 || sig >= NSIG)
		return EINVAL;
	lock(&thread_lock);
	bool ok = thread_known(t) && !t->ended;
	uint32_t port = ok ? t->port : 0;
	unlock(&thread_lock);
	if (!ok)
		return ESRCH;
	if (port == 0)
		port = pthread_mach_thread_np(t);
	return -__pthread_kill(port, sig);
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	return -__pthread_sigmask(how, set, old);
}

int pthread_setname_np(const char *name)
{
	if (strlen(name) >= sizeof self()->name)
		return ENAMETOOLONG;
	strlcpy(self()->name, name, sizeof self()->name);
	/* The kernel shows it: PROC_SETCONTROL_THREADNAME. */
	int saved = errno;
	__proc_info(5, 0, 2, 0, (void *)name, strlen(name));
	errno = saved;
	return 0;
}

int pthread_getname_np(pthread_t t, char *buf, size_t n)
{
	lock(&thread_lock);
	int err = thread_known(t) ? 0 : ESRCH;
	if (err == 0)
		strlcpy(buf, t->name, n);
	unlock(&thread_lock);
	return err;
}

void *pthread_get_stackaddr_np(pthread_t t) { return t->stack_top; }

size_t pthread_get_stacksize_np(pthread_t t)
{
	if (t->stack_size == 0) {
		struct rlimit r;
		int saved = errno;
		if (getrlimit(RLIMIT_STACK, &r) == 0 && r.rlim_cur < (1ul << 32))
			t->stack_size = r.rlim_cur;
		else
			t->stack_size = 8 << 20;
		errno = saved;
	}
	return t->stack_size;
}

int pthread_getconcurrency(void) { return 0; }
int pthread_setconcurrency(int n) { return n < 0 ? EINVAL : 0; }
void pthread_jit_write_protect_np(int on) {}
int pthread_jit_write_protect_supported_np(void) { return 0; }

/* A key was deleted: no thread may keep its value. */
hidden void clear_slot(unsigned n)
{
	lock(&thread_lock);
	for (struct _opaque_pthread_t *t = threads; t; t = t->next)
		if (!t->ended)
			t->tsd[n] = NULL;
	unlock(&thread_lock);
}
