/* assert. */
#ifndef _ASSERT_H_
#define _ASSERT_H_
#include <sys/cdefs.h>
__BEGIN_DECLS
void __assert_rtn(const char *, const char *, int, const char *) __dead2;
__END_DECLS
#if !defined(__cplusplus) && !defined(static_assert)
#define static_assert _Static_assert
#endif
#endif
#undef assert
#ifdef NDEBUG
#define assert(e) ((void)0)
#else
#define assert(e) (__builtin_expect(!(e), 0) ? __assert_rtn(__func__, __FILE__, __LINE__, #e) : (void)0)
#endif
