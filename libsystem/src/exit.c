/* The end of a process: thread-local objects, handlers in reverse order, buffers out, goodbye. */
#include "private.h"
#include <stdlib.h>
#include <stdio.h>
#include <signal.h>
#include <unistd.h>

struct handler { void (*fn)(void *); void *arg, *dso; };
#define BLOCK 32
struct block { struct block *next; int n; struct handler h[BLOCK]; };
static struct block first, *last = &first; /* exit_lock */
static lock_t exit_lock;

int __cxa_atexit(void (*fn)(void *), void *arg, void *dso)
{
	lock(&exit_lock);
	if (last->n == BLOCK) {
		struct block *b = calloc(1, sizeof *b);
		if (!b) {
			unlock(&exit_lock);
			return -1;
		}
		b->next = last;
		last = b;
	}
	last->h[last->n++] = (struct handler){ fn, arg, dso };
	unlock(&exit_lock);
	return 0;
}

static void call_plain(void *fn) { ((void (*)(void))fn)(); }
int atexit(void (*fn)(void)) { return __cxa_atexit(call_plain, (void *)fn, NULL); }

/* dso NULL: all. Handlers may register more, which then run next. */
void exit_handlers(void *dso)
{
	lock(&exit_lock);
again:
	for (struct block *b = last; b; b = b->next)
		for (int i = b->n - 1; i >= 0; i--) {
			struct handler h = b->h[i];
			if (!h.fn || (dso && h.dso != dso))
				continue;
			b->h[i].fn = NULL;
			if (b == last && i == b->n - 1)
				b->n--;
			unlock(&exit_lock);
			h.fn(h.arg);
			lock(&exit_lock);
			goto again;
		}
	unlock(&exit_lock);
}
void __cxa_finalize(void *dso) { exit_handlers(dso); }

static void (*quick[32])(void);
static int nquick;
int at_quick_exit(void (*fn)(void))
{
	lock(&exit_lock);
	int ok = nquick < (int)countof(quick);
	if (ok)
		quick[nquick++] = fn;
	unlock(&exit_lock);
	return ok ? 0 : -1;
}
void quick_exit(int st)
{
	while (nquick > 0)
		quick[--nquick]();
	_exit(st);
}

void _exit(int st) { for (;;) __exit(st); }
void _Exit(int st) { _exit(st); }
bool _tlv_exit(void);
void exit(int st)
{
	_tlv_exit(); /* thread-local objects go before global ones */
	exit_handlers(NULL);
	stdio_exit();
	_exit(st);
}

void abort(void)
{
	sigset_t s = ~sigmask(SIGABRT);
	__pthread_sigmask(SIG_SETMASK, &s, NULL);
	raise(SIGABRT);
	/* A handler returned, or it was ignored: take it away and try again. */
	struct sigaction a = { { SIG_DFL }, 0, 0 };
	sigaction(SIGABRT, &a, NULL);
	raise(SIGABRT);
	for (;;)
		__builtin_trap();
}

void __assert_rtn(const char *fn, const char *file, int line, const char *what)
{
	if (fn)
		fprintf(stderr, "Assertion failed: (%s), function %s, file %s, line %d.\n", what, fn, file, line);
	else
		fprintf(stderr, "Assertion failed: (%s), file %s, line %d.\n", what, file, line);
	abort();
}
