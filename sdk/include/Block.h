/* Blocks. */
#ifndef _BLOCK_H_
#define _BLOCK_H_
#include <sys/cdefs.h>
__BEGIN_DECLS
void *_Block_copy(const void *);
void _Block_release(const void *);
void _Block_object_assign(void *, const void *, const int);
void _Block_object_dispose(const void *, const int);
extern void *_NSConcreteGlobalBlock[32];
extern void *_NSConcreteStackBlock[32];
__END_DECLS
#define Block_copy(...) ((__typeof(__VA_ARGS__))_Block_copy((const void *)(__VA_ARGS__)))
#define Block_release(...) _Block_release((const void *)(__VA_ARGS__))
#endif
