/* Copies that share their blocks. */
#ifndef _SYS_CLONEFILE_H_
#define _SYS_CLONEFILE_H_
#include <sys/types.h>
#define CLONE_NOFOLLOW 1
#define CLONE_NOOWNERCOPY 2
__BEGIN_DECLS
int clonefile(const char *, const char *, uint32_t);
int clonefileat(int, const char *, int, const char *, uint32_t);
int fclonefileat(int, int, const char *, uint32_t);
__END_DECLS
#endif
