/* Opening and controlling descriptors. */
#ifndef _SYS_FCNTL_H_
#define _SYS_FCNTL_H_
#include <sys/types.h>
#include <sys/_s_ifmt.h>
#define FD_CLOEXEC               0x1
#define F_ADDFILESIGS            0x3d
#define F_ADDFILESIGS_FOR_DYLD_SIM 0x53
#define F_ADDFILESIGS_INFO       0x67
#define F_ADDFILESIGS_RETURN     0x61
#define F_ADDFILESUPPL           0x68
#define F_ADDSIGS                0x3b
#define F_ALLOCATEALL            0x4
#define F_ALLOCATECONTIG         0x2
#define F_BARRIERFSYNC           0x55
#define F_CHECK_LV               0x62
#define F_CHKCLEAN               0x29
#define F_DUPFD                  0x0
#define F_DUPFD_CLOEXEC          0x43
#define F_FINDSIGS               0x4e
#define F_FLUSH_DATA             0x28
#define F_FREEZE_FS              0x35
#define F_FULLFSYNC              0x33
#define F_GETCODEDIR             0x48
#define F_GETFD                  0x1
#define F_GETFL                  0x3
#define F_GETLK                  0x7
#define F_GETLKPID               0x42
#define F_GETNOSIGPIPE           0x4a
#define F_GETOWN                 0x5
#define F_GETPATH                0x32
#define F_GETPATH_MTMINFO        0x47
#define F_GETPATH_NOFIRMLINK     0x66
#define F_GETPROTECTIONCLASS     0x3f
#define F_GETPROTECTIONLEVEL     0x4d
#define F_GETSIGSINFO            0x69
#define F_GLOBAL_NOCACHE         0x37
#define F_LOG2PHYS               0x31
#define F_LOG2PHYS_EXT           0x41
#define F_NOCACHE                0x30
#define F_NODIRECT               0x3e
#define F_PATHPKG_CHECK          0x34
#define F_PEOFPOSMODE            0x3
#define F_PREALLOCATE            0x2a
#define F_PUNCHHOLE              0x63
#define F_RDADVISE               0x2c
#define F_RDAHEAD                0x2d
#define F_RDLCK                  0x1
#define F_SETBACKINGSTORE        0x46
#define F_SETFD                  0x2
#define F_SETFL                  0x4
#define F_SETLK                  0x8
#define F_SETLKW                 0x9
#define F_SETLKWTIMEOUT          0xa
#define F_SETNOSIGPIPE           0x49
#define F_SETOWN                 0x6
#define F_SETPROTECTIONCLASS     0x40
#define F_SETSIZE                0x2b
#define F_SINGLE_WRITER          0x4c
#define F_SPECULATIVE_READ       0x65
#define F_THAW_FS                0x36
#define F_TRANSCODEKEY           0x4b
#define F_TRIM_ACTIVE_FILE       0x64
#define F_UNLCK                  0x2
#define F_VOLPOSMODE             0x4
#define F_WRLCK                  0x3
#define LOCK_EX                  0x2
#define LOCK_NB                  0x4
#define LOCK_SH                  0x1
#define LOCK_UN                  0x8
#define O_ACCMODE                0x3
#define O_APPEND                 0x8
#define O_ASYNC                  0x40
#define O_CLOEXEC                0x1000000
#define O_CREAT                  0x200
#define O_DIRECTORY              0x100000
#define O_DSYNC                  0x400000
#define O_EVTONLY                0x8000
#define O_EXCL                   0x800
#define O_EXEC                   0x40000000
#define O_EXLOCK                 0x20
#define O_FSYNC                  0x80
#define O_NDELAY                 0x4
#define O_NOCTTY                 0x20000
#define O_NOFOLLOW               0x100
#define O_NOFOLLOW_ANY           0x20000000
#define O_NONBLOCK               0x4
#define O_RDONLY                 0x0
#define O_RDWR                   0x2
#define O_SEARCH                 0x40100000
#define O_SHLOCK                 0x10
#define O_SYMLINK                0x200000
#define O_SYNC                   0x80
#define O_TRUNC                  0x400
#define O_WRONLY                 0x1
#define SEEK_CUR                 0x1
#define SEEK_DATA                0x4
#define SEEK_END                 0x2
#define SEEK_HOLE                0x3
#define SEEK_SET                 0x0
#define FAPPEND O_APPEND
#define FASYNC O_ASYNC
#define FFSYNC O_FSYNC
#define FNONBLOCK O_NONBLOCK
#define FNDELAY O_NONBLOCK
#define AT_FDCWD (-2)
#define AT_EACCESS 0x0010
#define AT_SYMLINK_NOFOLLOW 0x0020
#define AT_SYMLINK_FOLLOW 0x0040
#define AT_REMOVEDIR 0x0080
#define AT_REALDEV 0x0200
#define AT_FDONLY 0x0400
#define AT_SYMLINK_NOFOLLOW_ANY 0x0800
struct flock { off_t l_start, l_len; pid_t l_pid; short l_type, l_whence; };
struct radvisory { off_t ra_offset; int ra_count; };
typedef struct fstore { unsigned fst_flags; int fst_posmode; off_t fst_offset, fst_length, fst_bytesalloc; } fstore_t;
typedef struct fpunchhole { unsigned fp_flags, reserved; off_t fp_offset, fp_length; } fpunchhole_t;
struct log2phys { unsigned l2p_flags; off_t l2p_contigbytes, l2p_devoffset; } __attribute__((packed));
__BEGIN_DECLS
int open(const char *, int, ...);
int openat(int, const char *, int, ...);
int creat(const char *, mode_t);
int fcntl(int, int, ...);
int flock(int, int);
__END_DECLS
#endif
