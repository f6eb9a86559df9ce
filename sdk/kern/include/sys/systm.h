/* What every part of the kernel uses. */
#ifndef _SYS_SYSTM_H_
#define _SYS_SYSTM_H_

#include <kern/funnel.h>
#include <kern/assert.h>
#include <libkern/libkern.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/malloc.h>
#include <sys/proc.h>
#include <sys/syslog.h>
#include <sys/time.h>
#include <sys/types.h>

#define KASSERT(exp, msg) assert(exp)

__BEGIN_DECLS
int copyin(user_addr_t from, void *to, size_t n);
int copyout(const void *from, user_addr_t to, size_t n);
int copyinstr(user_addr_t from, void *to, size_t max, size_t *actual);
int copyoutstr(const void *from, user_addr_t to, size_t max, size_t *actual);
int log(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
int uprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void timeout(void (*fn)(void *), void *arg, int ticks);
void untimeout(void (*fn)(void *), void *arg);
void bsd_timeout(void (*fn)(void *), void *arg, struct timespec *ts);
void bsd_untimeout(void (*fn)(void *), void *arg);
void ovbcopy(const void *from, void *to, size_t n);
extern int hz;
extern int tick;
__END_DECLS

#endif
