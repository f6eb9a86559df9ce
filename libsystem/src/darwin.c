/* Small functions of Darwin's own that programs for it are linked to. */
#include "private.h"
#include <errno.h>
#include <libproc.h>
#include <math.h>
#include <netdb.h>
#include <mach/thread_act.h>
#include <mach/thread_policy.h>
#include <stdlib.h>
#include <string.h>
#include <sys/proc_info.h>
#include <sys/qos.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <netinet/in.h>

/* CommonCrypto's source of random bytes: 0, or its kCCRNGFailure. */
int CCRandomGenerateBytes(void *p, size_t n)
{
	for (char *at = p; n > 0;) {
		size_t some = n < 256 ? n : 256;
		if (getentropy(at, some) != 0)
			return -4307;
		at += some;
		n -= some;
	}
	return 0;
}

/* Asked by FD_SET and its like: whether the descriptor fits the set. */
int __darwin_check_fd_set_overflow(int fd, const void *set, int unlimited)
{
	return fd >= 0 && (unlimited || fd < FD_SETSIZE);
}

int __math_errhandling(void) { return 2; /* MATH_ERREXCEPT */ }
int __isfinited(double x) { return isfinite(x); }
int __isfinitef(float x) { return isfinite(x); }
int __isfinitel(long double x) { return isfinite(x); }
int __isinfd(double x) { return isinf(x); }
int __isinff(float x) { return isinf(x); }
int __isinfl(long double x) { return isinf(x); }
int __isnand(double x) { return isnan(x); }
int __isnanf(float x) { return isnan(x); }
int __isnanl(long double x) { return isnan(x); }

int proc_listchildpids(pid_t parent, void *buf, int size)
{
	int n = proc_listpids(6 /* PROC_PPID_ONLY */, parent, buf, size);
	return n < 0 ? -1 : n / (int)sizeof(pid_t);
}

/*
 * The log of the system: nobody keeps one here, so nothing is ever enabled, which
 * programs ask first.
 */
struct os_log_s { int unused; } _os_log_default, _os_log_disabled;
void *os_log_create(const char *subsystem, const char *category) { return &_os_log_disabled; }
bool os_log_type_enabled(void *log, uint8_t type) { return false; }
bool os_signpost_enabled(void *log) { return false; }
void _os_log_impl(void *dso, void *log, uint8_t type, const char *format, uint8_t *buf, uint32_t size) {}
void _os_log_error_impl(void *dso, void *log, uint8_t type, const char *format, uint8_t *buf, uint32_t size) {}
void _os_log_fault_impl(void *dso, void *log, uint8_t type, const char *format, uint8_t *buf, uint32_t size) {}
void _os_log_debug_impl(void *dso, void *log, uint8_t type, const char *format, uint8_t *buf, uint32_t size) {}
void _os_signpost_emit_with_name_impl(void *dso, void *log, uint8_t type, uint64_t id, const char *name,
	const char *format, uint8_t *buf, uint32_t size) {}
uint64_t os_signpost_id_generate(void *log) { return 1; }

/* notifyd is not there: 1000000 is NOTIFY_STATUS_FAILED. */
enum { NOTIFY_FAILED = 1000000 };
uint32_t notify_post(const char *name) { return NOTIFY_FAILED; }
uint32_t notify_check(int token, int *check) { return NOTIFY_FAILED; }
uint32_t notify_cancel(int token) { return NOTIFY_FAILED; }
uint32_t notify_register_check(const char *name, int *token) { return NOTIFY_FAILED; }
uint32_t notify_register_file_descriptor(const char *name, int *fd, int flags, int *token) { return NOTIFY_FAILED; }
uint32_t notify_register_signal(const char *name, int sig, int *token) { return NOTIFY_FAILED; }
uint32_t notify_register_dispatch(const char *name, int *token, void *queue, void *block) { return NOTIFY_FAILED; }
uint32_t notify_get_state(int token, uint64_t *state) { return NOTIFY_FAILED; }
uint32_t notify_set_state(int token, uint64_t state) { return NOTIFY_FAILED; }

/* A thread's class of service, which is kept for those who ask, and its tier in the kernel. */
int pthread_set_qos_class_self_np(qos_class_t class, int relative)
{
	static const struct { int class, tier; } tiers[] = { { 0x21, 6 }, { 0x19, 5 }, { 0x15, 4 }, { 0x11, 3 }, { 0x09, 2 }, { 0x05, 1 } };
	for (unsigned i = 0; i < countof(tiers); i++) {
		if (tiers[i].class != (int)class || relative > 0 || relative < QOS_MIN_RELATIVE_PRIORITY)
			continue;
		struct thread_qos_policy q = { tiers[i].tier, relative };
		kern_return_t r = thread_policy_set(self()->port, THREAD_QOS_POLICY, (thread_policy_t)&q, THREAD_QOS_POLICY_COUNT);
		if (r != KERN_SUCCESS)
			return r == KERN_INVALID_ARGUMENT ? EINVAL : EPERM;
		tsd_set(TSD_QOS, (void *)(uintptr_t)(class | (uint64_t)(uint8_t)-relative << 32));
		return 0;
	}
	return EINVAL;
}
qos_class_t qos_class_self(void) { return (uint32_t)(uintptr_t)tsd_get(TSD_QOS); }
qos_class_t qos_class_main(void) { return (uint32_t)(uintptr_t)main_thread.tsd[TSD_QOS]; }
int pthread_get_qos_class_np(pthread_t t, qos_class_t *class, int *relative)
{
	uint64_t v = (uintptr_t)t->tsd[TSD_QOS];
	if (class)
		*class = (uint32_t)v;
	if (relative)
		*relative = -(int)(v >> 32);
	return 0;
}
