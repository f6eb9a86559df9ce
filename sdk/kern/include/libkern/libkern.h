/* The kernel's C library. */
#ifndef _LIBKERN_LIBKERN_H_
#define _LIBKERN_LIBKERN_H_

#include <string.h>
#include <sys/types.h>

#ifndef va_start
typedef __builtin_va_list va_list;
#define va_start(ap, last) __builtin_va_start(ap, last)
#define va_arg(ap, type) __builtin_va_arg(ap, type)
#define va_end(ap) __builtin_va_end(ap)
#define va_copy(to, from) __builtin_va_copy(to, from)
#endif

static inline int imax(int a, int b) { return a > b ? a : b; }
static inline int imin(int a, int b) { return a < b ? a : b; }
static inline long lmax(long a, long b) { return a > b ? a : b; }
static inline long lmin(long a, long b) { return a < b ? a : b; }
static inline u_int max(u_int a, u_int b) { return a > b ? a : b; }
static inline u_int min(u_int a, u_int b) { return a < b ? a : b; }
static inline u_long ulmax(u_long a, u_long b) { return a > b ? a : b; }
static inline u_long ulmin(u_long a, u_long b) { return a < b ? a : b; }

#define htons(x) __builtin_bswap16(x)
#define ntohs(x) __builtin_bswap16(x)
#define htonl(x) __builtin_bswap32(x)
#define ntohl(x) __builtin_bswap32(x)

__BEGIN_DECLS
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void vprintf(const char *format, va_list ap);
int sprintf(char *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
int snprintf(char *s, size_t n, const char *format, ...) __attribute__((format(printf, 3, 4)));
int scnprintf(char *s, size_t n, const char *format, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *s, size_t n, const char *format, va_list ap);
void panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
int random(void);
int ffs(unsigned int v);
int fls(unsigned int v);
long strtol(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base);
long long strtoq(const char *s, char **end, int base);
unsigned long long strtouq(const char *s, char **end, int base);
__END_DECLS

#endif
