/* Attributes of threads, mutexes, conditions and read-write locks. */
#include "private.h"
#include <errno.h>
#include <limits.h>

struct attr {
	long sig;
	size_t stacksize, guardsize;
	char *stackaddr;
	int detached, inherit, policy, scope;
	struct sched_param param;
};
#define ATTR_SIG 0x54484441l
#define CHECK(a) struct attr *p = (struct attr *)(a); if (p->sig != ATTR_SIG) return EINVAL

int pthread_attr_init(pthread_attr_t *a)
{
	*(struct attr *)a = (struct attr){
		.sig = ATTR_SIG, .stacksize = 512 * 1024, .guardsize = PAGE,
		.detached = PTHREAD_CREATE_JOINABLE, .inherit = PTHREAD_INHERIT_SCHED,
		.policy = SCHED_OTHER, .scope = PTHREAD_SCOPE_SYSTEM, .param = { .sched_priority = 31 },
	};
	return 0;
}
int pthread_attr_destroy(pthread_attr_t *a) { CHECK(a); p->sig = 0; return 0; }
int pthread_attr_getdetachstate(const pthread_attr_t *a, int *v) { CHECK(a); *v = p->detached; return 0; }
int pthread_attr_setdetachstate(pthread_attr_t *a, int v)
{
	CHECK(a);
	if (v != PTHREAD_CREATE_JOINABLE && v != PTHREAD_CREATE_DETACHED)
		return EINVAL;
	p->detached = v;
	return 0;
}
int pthread_attr_getguardsize(const pthread_attr_t *a, size_t *v) { CHECK(a); *v = p->guardsize; return 0; }
int pthread_attr_setguardsize(pthread_attr_t *a, size_t v)
{
	CHECK(a);
	if (v % PAGE)
		return EINVAL;
	p->guardsize = v;
	return 0;
}
int pthread_attr_getinheritsched(const pthread_attr_t *a, int *v) { CHECK(a); *v = p->inherit; return 0; }
int pthread_attr_setinheritsched(pthread_attr_t *a, int v)
{
	CHECK(a);
	if (v != PTHREAD_INHERIT_SCHED && v != PTHREAD_EXPLICIT_SCHED)
		return EINVAL;
	p->inherit = v;
	return 0;
}
int pthread_attr_getschedparam(const pthread_attr_t *a, struct sched_param *v) { CHECK(a); *v = p->param; return 0; }
int pthread_attr_setschedparam(pthread_attr_t *a, const struct sched_param *v) { CHECK(a); p->param = *v; return 0; }
int pthread_attr_getschedpolicy(const pthread_attr_t *a, int *v) { CHECK(a); *v = p->policy; return 0; }
int pthread_attr_setschedpolicy(pthread_attr_t *a, int v)
{
	CHECK(a);
	if (v != SCHED_OTHER && v != SCHED_FIFO && v != SCHED_RR)
		return EINVAL;
	p->policy = v;
	return 0;
}
int pthread_attr_getscope(const pthread_attr_t *a, int *v) { CHECK(a); *v = p->scope; return 0; }
int pthread_attr_setscope(pthread_attr_t *a, int v)
{
	CHECK(a);
	if (v == PTHREAD_SCOPE_PROCESS)
		return ENOTSUP;
	return v == PTHREAD_SCOPE_SYSTEM ? 0 : EINVAL;
}
int pthread_attr_getstacksize(const pthread_attr_t *a, size_t *v) { CHECK(a); *v = p->stacksize; return 0; }
int pthread_attr_setstacksize(pthread_attr_t *a, size_t v)
{
	CHECK(a);
	if (v % PAGE || v < PTHREAD_STACK_MIN)
		return EINVAL;
	p->stacksize = v;
	return 0;
}
int pthread_attr_getstackaddr(const pthread_attr_t *a, void **v) { CHECK(a); *v = p->stackaddr; return 0; }
int pthread_attr_setstackaddr(pthread_attr_t *a, void *v)
{
	CHECK(a);
	if ((uintptr_t)v % PAGE)
		return EINVAL;
	p->stackaddr = v;
	return 0;
}
int pthread_attr_getstack(const pthread_attr_t *a, void **base, size_t *size)
{
	CHECK(a);
	*size = p->stacksize;
	*base = p->stackaddr ? p->stackaddr - p->stacksize : NULL;
	return 0;
}
int pthread_attr_setstack(pthread_attr_t *a, void *base, size_t size)
{
	CHECK(a);
	if ((uintptr_t)base % PAGE || size % PAGE || size < PTHREAD_STACK_MIN)
		return EINVAL;
	p->stackaddr = (char *)base + size;
	p->stacksize = size;
	return 0;
}

/* The protocol and the ceiling are kept and told, and steer nothing: an option that unistd.h denies. */
struct mutexattr { long sig; uint8_t type, pshared, protocol; int16_t ceiling; };
#define MUTEXATTR_SIG 0x4D545841l
#define CHECKM(a) struct mutexattr *p = (struct mutexattr *)(a); if (p->sig != MUTEXATTR_SIG) return EINVAL
int pthread_mutexattr_init(pthread_mutexattr_t *a)
{
	*(struct mutexattr *)a = (struct mutexattr){ .sig = MUTEXATTR_SIG };
	return 0;
}
int pthread_mutexattr_destroy(pthread_mutexattr_t *a) { CHECKM(a); p->sig = 0; return 0; }
int pthread_mutexattr_gettype(const pthread_mutexattr_t *a, int *v) { CHECKM(a); *v = p->type; return 0; }
int pthread_mutexattr_settype(pthread_mutexattr_t *a, int v)
{
	CHECKM(a);
	if (v < PTHREAD_MUTEX_NORMAL || v > PTHREAD_MUTEX_RECURSIVE)
		return EINVAL;
	p->type = v;
	return 0;
}
static int shared_ok(int v) { return v == PTHREAD_PROCESS_SHARED || v == PTHREAD_PROCESS_PRIVATE; }
int pthread_mutexattr_getpshared(const pthread_mutexattr_t *a, int *v)
{
	CHECKM(a);
	*v = p->pshared ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE;
	return 0;
}
int pthread_mutexattr_setpshared(pthread_mutexattr_t *a, int v)
{
	CHECKM(a);
	if (!shared_ok(v))
		return EINVAL;
	p->pshared = v == PTHREAD_PROCESS_SHARED;
	return 0;
}
int pthread_mutexattr_getprotocol(const pthread_mutexattr_t *a, int *v) { CHECKM(a); *v = p->protocol; return 0; }
int pthread_mutexattr_setprotocol(pthread_mutexattr_t *a, int v)
{
	CHECKM(a);
	if (v != PTHREAD_PRIO_NONE && v != PTHREAD_PRIO_INHERIT && v != PTHREAD_PRIO_PROTECT)
		return EINVAL;
	p->protocol = v;
	return 0;
}
int pthread_mutexattr_getprioceiling(const pthread_mutexattr_t *a, int *v) { CHECKM(a); *v = p->ceiling; return 0; }
int pthread_mutexattr_setprioceiling(pthread_mutexattr_t *a, int v)
{
	CHECKM(a);
	if (v < -999 || v > 999)
		return EINVAL;
	p->ceiling = v;
	return 0;
}
int pthread_mutexattr_setpolicy_np(pthread_mutexattr_t *a, int v) { CHECKM(a); return v == 1 || v == 3 ? 0 : EINVAL; }

struct sharedattr { long sig; int pshared; };
#define SHAREDATTR(kind, SIG) \
int pthread_##kind##attr_init(pthread_##kind##attr_t *a) { *(struct sharedattr *)a = (struct sharedattr){ SIG, 0 }; return 0; } \
int pthread_##kind##attr_destroy(pthread_##kind##attr_t *a) { ((struct sharedattr *)a)->sig = 0; return 0; } \
int pthread_##kind##attr_getpshared(const pthread_##kind##attr_t *a, int *v) \
{ *v = ((const struct sharedattr *)a)->pshared ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE; return 0; } \
int pthread_##kind##attr_setpshared(pthread_##kind##attr_t *a, int v) \
{ if (!shared_ok(v)) return EINVAL; ((struct sharedattr *)a)->pshared = v == PTHREAD_PROCESS_SHARED; return 0; }
SHAREDATTR(cond, 0x434E4441l)
SHAREDATTR(rwlock, 0x52574C41l)
