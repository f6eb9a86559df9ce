/* Caches of the processor, which keeps them in order itself. */
#ifndef _OS_CACHE_CONTROL_H_
#define _OS_CACHE_CONTROL_H_
#include <sys/cdefs.h>
#include <stddef.h>
__BEGIN_DECLS
void sys_icache_invalidate(void *, size_t);
void sys_dcache_flush(void *, size_t);
__END_DECLS
#endif
