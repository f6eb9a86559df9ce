/* Memory with a tag that says whose it is. */
#ifndef _LIBKERN_OSMALLOC_H_
#define _LIBKERN_OSMALLOC_H_
#include <sys/types.h>
typedef struct OSMallocTag_ *OSMallocTag;
typedef OSMallocTag OSMallocTag_t;
#define OSMT_DEFAULT 0
#define OSMT_PAGEABLE 1
__BEGIN_DECLS
OSMallocTag OSMalloc_Tagalloc(const char *name, uint32_t flags);
void OSMalloc_Tagfree(OSMallocTag tag);
void *OSMalloc(uint32_t size, OSMallocTag tag);
void *OSMalloc_nowait(uint32_t size, OSMallocTag tag);
void *OSMalloc_noblock(uint32_t size, OSMallocTag tag);
void OSFree(void *addr, uint32_t size, OSMallocTag tag);
__END_DECLS
#endif
