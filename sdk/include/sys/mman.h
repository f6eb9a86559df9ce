/* Mappings. */
#ifndef _SYS_MMAN_H_
#define _SYS_MMAN_H_
#include <sys/types.h>
#define MADV_CAN_REUSE           0x9
#define MADV_DONTNEED            0x4
#define MADV_FREE                0x5
#define MADV_FREE_REUSABLE       0x7
#define MADV_FREE_REUSE          0x8
#define MADV_NORMAL              0x0
#define MADV_PAGEOUT             0xa
#define MADV_RANDOM              0x1
#define MADV_SEQUENTIAL          0x2
#define MADV_WILLNEED            0x3
#define MADV_ZERO_WIRED_PAGES    0x6
#define MAP_32BIT                0x8000
#define MAP_ANON                 0x1000
#define MAP_ANONYMOUS            0x1000
#define MAP_COPY                 0x2
#define MAP_FILE                 0x0
#define MAP_FIXED                0x10
#define MAP_HASSEMAPHORE         0x200
#define MAP_JIT                  0x800
#define MAP_NOCACHE              0x400
#define MAP_NOEXTEND             0x100
#define MAP_NORESERVE            0x40
#define MAP_PRIVATE              0x2
#define MAP_RENAME               0x20
#define MAP_RESERVED0080         0x80
#define MAP_RESILIENT_CODESIGN   0x2000
#define MAP_RESILIENT_MEDIA      0x4000
#define MAP_SHARED               0x1
#define MAP_TRANSLATED_ALLOW_EXECUTE 0x20000
#define MAP_UNIX03               0x40000
#define MCL_CURRENT              0x1
#define MCL_FUTURE               0x2
#define MS_ASYNC                 0x1
#define MS_DEACTIVATE            0x8
#define MS_INVALIDATE            0x2
#define MS_KILLPAGES             0x4
#define MS_SYNC                  0x10
#define PROT_EXEC                0x4
#define PROT_NONE                0x0
#define PROT_READ                0x1
#define PROT_WRITE               0x2
#define MAP_FAILED ((void *)-1)
#define POSIX_MADV_NORMAL 0
#define POSIX_MADV_RANDOM 1
#define POSIX_MADV_SEQUENTIAL 2
#define POSIX_MADV_WILLNEED 3
#define POSIX_MADV_DONTNEED 4
__BEGIN_DECLS
void *mmap(void *, size_t, int, int, int, off_t);
int munmap(void *, size_t);
int mprotect(void *, size_t, int);
int msync(void *, size_t, int);
int madvise(void *, size_t, int);
int posix_madvise(void *, size_t, int);
int mincore(const void *, size_t, char *);
int minherit(void *, size_t, int);
int mlock(const void *, size_t);
int munlock(const void *, size_t);
int mlockall(int);
int munlockall(void);
int shm_open(const char *, int, ...);
int shm_unlink(const char *);
__END_DECLS
#endif
