/* Assertions: they are on. */
#ifndef _KERN_ASSERT_H_
#define _KERN_ASSERT_H_
#include <sys/types.h>
__BEGIN_DECLS
void Assert(const char *file, int line, const char *expression) __attribute__((noreturn));
__END_DECLS
#define assert(ex) ((ex) ? (void)0 : Assert(__FILE__, __LINE__, #ex))
#endif
