/*
 * What the files of libSystem share and nobody else sees: the thread structure,
 * raw stubs, and the private calls of Puggle's kernel.
 */
#ifndef PRIVATE_H
#define PRIVATE_H
#include <sys/types.h>
#include <sys/signal.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdarg.h>

#define hidden __attribute__((visibility("hidden")))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define countof(a) (sizeof(a) / sizeof((a)[0]))
#define PAGE 4096ul
#define round_page(n) (((size_t)(n) + PAGE - 1) & ~(PAGE - 1))

/*
 * What the kernel hands to __puggle_start in rdi; rsp is as Darwin gives it to
 * a main program: argc, argv, 0, envp, 0, apple, 0.
 */
struct puggle_start {
	uint64_t version;         /* 1 */
	uint64_t main_entry;      /* absolute */
	uint64_t entry_is_thread; /* 1: LC_UNIXTHREAD, jump there; 0: LC_MAIN, call main */
	uint64_t ninit;
	uint64_t init[];          /* initialisers, absolute, in order */
};

/*
 * Thread-specific slots that the system keeps. stubs.go knows 1 and 12. Those below the first key
 * are the system's on a Mac, too, where programs write to some by number (JavaScriptCore, mimalloc):
 * what is called or freed at a thread's end is behind the last key.
 */
enum {
	TSD_SELF = 0, TSD_ERRNO = 1, TSD_MIG_REPLY = 2, TSD_THREAD_PORT = 3, TSD_QOS = 4,
	TSD_GO = 6, TSD_SPECIAL_REPLY = 8, TSD_CANCEL = 12, TSD_DLERROR = 13,
	TSD_STRERROR = 14, TSD_LOCALE = 15,
	TSD_FIRST_KEY = 256, TSD_KEY_END = 768,
	TSD_TLV_FIRST = TSD_KEY_END, TSD_TLV_LAST = TSD_TLV_FIRST + 63,
	TSD_DISPATCH, TSD_TLV_EXIT, TSD_COUNT,
};

/* Bits of slot TSD_CANCEL. */
enum { CANCEL_ENABLED = 1, CANCEL_PENDING = 2, CANCEL_ASYNC = 4 };

struct _opaque_pthread_t {
	long sig;
	struct __darwin_pthread_handler_rec *cleanup;
	struct _opaque_pthread_t *next, *prev; /* thread_lock */
	uint64_t id;              /* thread_selfid, 0 until asked for */
	uint32_t port;            /* the thread's own name for itself */
	uint32_t gate;            /* 1: ended, nothing of it uses this page any more */
	bool detached, ended, joining, joined; /* thread_lock */
	int err;                  /* errno */
	void *(*start)(void *);
	void *arg, *result;
	char *stack_top;
	size_t stack_size;
	char *map;                /* guard, stack, this structure; 0 for the main thread */
	size_t map_size, stack_map; /* whole; the part below this structure */
	int policy, priority;
	char name[64];
	char pad[16];
	void *tsd[TSD_COUNT] __attribute__((aligned(16))); /* GS base points here */
};
#define PTHREAD_SIG 0x54485244l
enum { DEFAULT_PRIORITY = 31 };

static inline void *tsd_get(unsigned n)
{
	return *(void *__seg_gs *)(uintptr_t)(8 * n);
}
static inline void tsd_set(unsigned n, void *v)
{
	*(void *__seg_gs *)(uintptr_t)(8 * n) = v;
}
/* The first c in s, or its end. */
static inline const char *to_char(const char *s, char c)
{
	while (*s && *s != c)
		s++;
	return s;
}
#define self() ((struct _opaque_pthread_t *)tsd_get(TSD_SELF))

#pragma GCC visibility push(hidden)

/* lock.c: a word that sleeps when contended; zero is free. */
typedef struct { uint32_t state; } lock_t;
void lock_slow(lock_t *);
void lock_wake(lock_t *);
static inline bool try_lock(lock_t *l)
{
	uint32_t free = 0;
	return __atomic_compare_exchange_n(&l->state, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
static inline void lock(lock_t *l)
{
	if (unlikely(!try_lock(l)))
		lock_slow(l);
}
static inline void unlock(lock_t *l)
{
	if (unlikely(__atomic_exchange_n(&l->state, 0, __ATOMIC_RELEASE) == 2))
		lock_wake(l);
}

/*
 * word.c: sleeps while *word is value, for timeout ns or, if that is 0, for ever;
 * op is ulock_wait's. 0, -EINTR or -ETIMEDOUT; wakes may be spurious.
 */
long word_wait(uint32_t op, uint32_t *word, uint32_t value, uint64_t timeout);
long word_sleep(uint64_t ns);
void word_wake(uint32_t op, uint32_t *word);
void word_fork_child(void);

extern lock_t thread_lock;
bool thread_known(struct _opaque_pthread_t *t);
extern struct _opaque_pthread_t main_thread;
extern int main_argc;
extern char **main_argv, **main_apple;

void mach_init_ports(void);
void thread_start(void);
void thread_setup_main(char *stack_top);
void thread_fork_child(void);
void _sigtramp(void);
void malloc_fork_prepare(void);
void malloc_fork_done(void);
void stdio_fork_prepare(void);
void stdio_fork_done(void);
void random_fork_child(void);
bool utf8_locale(void);      /* locale.c: whether characters may have several bytes */
void *utf8_begin(void);      /* so they may for this thread until utf8_end gets its result */
void utf8_end(void *);
void env_fork_prepare(void);
void env_fork_done(void);
void exit_handlers(void *dso);
void stdio_exit(void);
uint64_t stack_guard_seed(char **apple);
int digits_of(char *buf, unsigned long v); /* decimal; returns the length */

#pragma GCC visibility pop

/* Stubs without a public header. */
long __fork(void);
long __vfork(void);
int __madvise(void *, size_t, int);
int __sigaction(int, const void *, struct sigaction *);
void __sigreturn(void *, int, unsigned long);
int __kill(pid_t, int, int);
long __sysctl(int *, unsigned, void *, size_t *, void *, size_t);
long __sysctlbyname(const char *, size_t, void *, size_t *, void *, size_t);
int __gettimeofday(void *, void *, uint64_t *);
int __getlogin(char *, unsigned);
int __proc_info(int, int, int, uint64_t, void *, int);
long __getdirentries64(int, void *, size_t, off_t *);
long __pthread_kill(uint32_t, int);
long __pthread_sigmask(int, const sigset_t *, sigset_t *);
long __pthread_markcancel(uint32_t);
long __pthread_canceled(int);
long __sigwait(const sigset_t *, int *);
int __sigsuspend(sigset_t);
int __semwait_signal(int, int, int, int, int64_t, int32_t);
long __bsdthread_create(void *, void *, void *, void *, unsigned);
long __bsdthread_terminate(void *, size_t, uint32_t, uint32_t);
long __bsdthread_register(void *, void *, unsigned, void *, void *, unsigned, unsigned);
uint64_t __thread_selfid(void);
uint64_t __thread_selfusage(void);
long __ulock_wait(uint32_t, void *, uint64_t, uint32_t);
long __ulock_wait2(uint32_t, void *, uint64_t, uint64_t, uint64_t);
long __ulock_wake(uint32_t, void *, uint64_t);
long __posix_spawn(pid_t *, const char *, const void *, char *const *, char *const *);
void __exit(int) __attribute__((noreturn));
int __getentropy(void *, size_t);
int __setgroups_raw(int, const void *);
void _thread_set_tsd_base(void *);
uint32_t thread_self_trap(void);
uint32_t task_self_trap(void);
uint32_t host_self_trap(void);
enum {
	UL_COMPARE_AND_WAIT = 1, UL_UNFAIR_LOCK = 2, UL_COMPARE_AND_WAIT_SHARED = 3,
	UL_OPCODE = 0xff, ULF_WAKE_ALL = 0x100, ULF_WAIT_CANCEL_POINT = 0x20000,
};

/*
 * The private class. Handles are opaque and never 0. On failure dlopen, dlsym
 * and dlclose store a message of at most errlen bytes in err; 0 or a negative
 * number (-errno) is returned by those that give an address.
 */
int64_t __puggle_dlopen(const char *path, int mode, char *err, size_t errlen, uint64_t caller);
/* A thread-local variable's descriptor comes with this bit: its thunk is to be called. */
#define DLSYM_THREAD_LOCAL (1l << 62)
int64_t __puggle_dlsym(uint64_t handle, const char *name, char *err, size_t errlen, uint64_t caller);
int __puggle_dlclose(uint64_t handle, char *err, size_t errlen);
/* Fills info (Dl_info) with addresses of strings stored in buf; 1, or 0. */
int __puggle_dladdr(const void *addr, void *info, char *buf, size_t buflen);
enum { IMAGE_COUNT, IMAGE_NAME, IMAGE_HEADER, IMAGE_SLIDE, IMAGE_OF_ADDRESS };
/*
 * COUNT: how many; NAME: the path into buf, its length; HEADER, SLIDE: the
 * number; OF_ADDRESS: index of the image that holds address arg, or -1.
 */
long __puggle_image(int op, uint64_t arg, char *buf, size_t buflen);
/* Up to n initialisers that must still run for handle, into list, in order. */
long __puggle_initialisers(uint64_t handle, uint64_t *list, size_t n);

/* Tells the kernel t's policy and priority: 0, EINVAL. */
int apply_sched(uint32_t port, int policy, int priority) hidden;

int *__error(void);
void _pthread_exit_cancelled(void) __attribute__((noreturn)) hidden;
#endif
