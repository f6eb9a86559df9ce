/* Thread-specific data, cancellation and cleanup. */
#include "private.h"
#include <errno.h>
#include <limits.h>

static struct { void (*destroy)(void *); bool used; } keys[PTHREAD_KEYS_MAX]; /* key_lock */
static lock_t key_lock;
_Static_assert(TSD_FIRST_KEY + PTHREAD_KEYS_MAX <= TSD_KEY_END, "keys");

int pthread_key_create(pthread_key_t *key, void (*destroy)(void *))
{
	lock(&key_lock);
	for (unsigned i = 0; i < countof(keys); i++)
		if (!keys[i].used) {
			keys[i].used = true;
			keys[i].destroy = destroy;
			unlock(&key_lock);
			*key = TSD_FIRST_KEY + i;
			return 0;
		}
	unlock(&key_lock);
	return EAGAIN;
}

hidden void clear_slot(unsigned n);
int pthread_key_delete(pthread_key_t key)
{
	if (key < TSD_FIRST_KEY || key >= TSD_KEY_END)
		return EINVAL;
	lock(&key_lock);
	bool used = keys[key - TSD_FIRST_KEY].used;
	if (used)
		clear_slot(key);
	keys[key - TSD_FIRST_KEY].used = false;
	unlock(&key_lock);
	return used ? 0 : EINVAL;
}

void *pthread_getspecific(pthread_key_t key)
{
	return likely(key < TSD_KEY_END) ? tsd_get(key) : NULL;
}

int pthread_setspecific(pthread_key_t key, const void *v)
{
	if (key < TSD_FIRST_KEY || key >= TSD_KEY_END || !keys[key - TSD_FIRST_KEY].used)
		return EINVAL;
	tsd_set(key, (void *)v);
	return 0;
}

/* Static keys, for system libraries: a destructor cannot be given. */
int pthread_key_init_np(int key, void (*destroy)(void *))
{
	return destroy || key < TSD_FIRST_KEY - 128 || key >= TSD_FIRST_KEY ? EINVAL : 0;
}

hidden bool tlv_thread_exit(void);
hidden void dl_thread_exit(void);
hidden void run_tsd_destructors(void)
{
	for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS; round++) {
		bool again = tlv_thread_exit();
		for (unsigned i = 0; i < countof(keys); i++) {
			void *v = tsd_get(TSD_FIRST_KEY + i);
			if (!v)
				continue;
			tsd_set(TSD_FIRST_KEY + i, NULL);
			lock(&key_lock);
			void (*destroy)(void *) = keys[i].used ? keys[i].destroy : NULL;
			unlock(&key_lock);
			if (destroy) {
				destroy(v);
				again = true;
			}
		}
		if (!again)
			break;
	}
	tlv_thread_exit(); /* what the last round has made */
	dl_thread_exit();
}

static uint32_t *cancel_word(struct _opaque_pthread_t *t) { return (uint32_t *)&t->tsd[TSD_CANCEL]; }

int pthread_cancel(pthread_t t)
{
	lock(&thread_lock); /* a thread that has been joined has no memory any more */
	bool ok = thread_known(t);
	uint32_t was = ok ? __atomic_fetch_or(cancel_word(t), CANCEL_PENDING, __ATOMIC_SEQ_CST) : 0;
	unlock(&thread_lock);
	if (!ok)
		return ESRCH;
	if (t == self()) {
		if ((was & (CANCEL_ENABLED | CANCEL_ASYNC)) == (CANCEL_ENABLED | CANCEL_ASYNC))
			_pthread_exit_cancelled();
		return 0;
	}
	if ((was & (CANCEL_PENDING | CANCEL_ENABLED)) == CANCEL_ENABLED)
		__pthread_markcancel(pthread_mach_thread_np(t));
	return 0;
}

void pthread_testcancel(void)
{
	uint32_t c = (uint32_t)(uintptr_t)tsd_get(TSD_CANCEL);
	if (unlikely((c & 3) == 3))
		_pthread_exit_cancelled();
}

int pthread_setcancelstate(int state, int *old)
{
	uint32_t *w = cancel_word(self()), was;
	if (state == PTHREAD_CANCEL_ENABLE)
		was = __atomic_fetch_or(w, CANCEL_ENABLED, __ATOMIC_SEQ_CST);
	else if (state == PTHREAD_CANCEL_DISABLE)
		was = __atomic_fetch_and(w, ~CANCEL_ENABLED, __ATOMIC_SEQ_CST);
	else
		return EINVAL;
	/* The kernel knows of the state only once a cancellation waits. */
	if (was & CANCEL_PENDING)
		__pthread_canceled(state == PTHREAD_CANCEL_ENABLE ? 1 : 2);
	if (old)
		*old = was & CANCEL_ENABLED ? PTHREAD_CANCEL_ENABLE : PTHREAD_CANCEL_DISABLE;
	return 0;
}

/* Asynchronous cancellation acts at cancellation points only. */
int pthread_setcanceltype(int type, int *old)
{
	uint32_t *w = cancel_word(self()), was;
	if (type == PTHREAD_CANCEL_ASYNCHRONOUS)
		was = __atomic_fetch_or(w, CANCEL_ASYNC, __ATOMIC_SEQ_CST);
	else if (type == PTHREAD_CANCEL_DEFERRED)
		was = __atomic_fetch_and(w, ~CANCEL_ASYNC, __ATOMIC_SEQ_CST);
	else
		return EINVAL;
	if (old)
		*old = was & CANCEL_ASYNC ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED;
	return 0;
}

void _pthread_cleanup_link(struct __darwin_pthread_handler_rec *h)
{
	h->__next = self()->cleanup;
	self()->cleanup = h;
}
void _pthread_cleanup_unlink(struct __darwin_pthread_handler_rec *h) { self()->cleanup = h->__next; }
