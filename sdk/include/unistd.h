/* POSIX calls. */
#ifndef _UNISTD_H_
#define _UNISTD_H_
#include <sys/types.h>
#include <sys/unistd.h>
#include <sys/select.h>
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
__BEGIN_DECLS
extern char *optarg;
extern int optind, opterr, optopt, optreset;
void _exit(int) __dead2;
int access(const char *, int);
unsigned alarm(unsigned);
int brk(const void *);
int chdir(const char *);
int chown(const char *, uid_t, gid_t);
int chroot(const char *);
int close(int);
size_t confstr(int, char *, size_t);
char *ctermid(char *);
int dup(int);
int dup2(int, int);
int execl(const char *, const char *, ...);
int execle(const char *, const char *, ...);
int execlp(const char *, const char *, ...);
int execv(const char *, char *const *);
int execve(const char *, char *const *, char *const *);
int execvp(const char *, char *const *);
int execvP(const char *, const char *, char *const *);
int faccessat(int, const char *, int, int);
int fchdir(int);
int fchown(int, uid_t, gid_t);
int fchownat(int, const char *, uid_t, gid_t, int);
int fdatasync(int);
pid_t fork(void);
long fpathconf(int, int);
int fsync(int);
int ftruncate(int, off_t);
char *getcwd(char *, size_t);
char *getwd(char *);
int getdtablesize(void);
gid_t getegid(void);
int getentropy(void *, size_t);
uid_t geteuid(void);
gid_t getgid(void);
int getgroups(int, gid_t *);
int getgrouplist(const char *, int, int *, int *);
int gethostname(char *, size_t);
char *getlogin(void);
int getlogin_r(char *, size_t);
int getopt(int, char *const *, const char *);
int getpagesize(void);
char *getpass(const char *);
pid_t getpgid(pid_t);
pid_t getpgrp(void);
pid_t getpid(void);
pid_t getppid(void);
pid_t getsid(pid_t);
uid_t getuid(void);
int initgroups(const char *, int);
int isatty(int);
int issetugid(void);
int lchown(const char *, uid_t, gid_t);
int link(const char *, const char *);
int linkat(int, const char *, int, const char *, int);
int lockf(int, int, off_t);
off_t lseek(int, off_t, int);
int nice(int);
long pathconf(const char *, int);
int pause(void);
int pipe(int *);
ssize_t pread(int, void *, size_t, off_t);
ssize_t pwrite(int, const void *, size_t, off_t);
ssize_t read(int, void *, size_t);
ssize_t readlink(const char *, char *, size_t);
ssize_t readlinkat(int, const char *, char *, size_t);
int renamex_np(const char *, const char *, unsigned);
int renameatx_np(int, const char *, int, const char *, unsigned);
int revoke(const char *);
int rmdir(const char *);
void *sbrk(int);
int setegid(gid_t);
int seteuid(uid_t);
int setgid(gid_t);
int setgroups(int, const gid_t *);
int sethostname(const char *, int);
int setlogin(const char *);
int setpgid(pid_t, pid_t);
int setpgrp(void);
int setregid(gid_t, gid_t);
int setreuid(uid_t, uid_t);
pid_t setsid(void);
int setuid(uid_t);
unsigned sleep(unsigned);
int symlink(const char *, const char *);
int symlinkat(const char *, int, const char *);
void sync(void);
int syscall(int, ...);
long sysconf(int);
pid_t tcgetpgrp(int);
int tcsetpgrp(int, pid_t);
int truncate(const char *, off_t);
char *ttyname(int);
int ttyname_r(int, char *, size_t);
useconds_t ualarm(useconds_t, useconds_t);
int unlink(const char *);
int unlinkat(int, const char *, int);
int usleep(useconds_t);
pid_t vfork(void) __attribute__((__returns_twice__));
ssize_t write(int, const void *, size_t);
int mkstemp(char *);
#define L_SET SEEK_SET
#define L_INCR SEEK_CUR
#define L_XTND SEEK_END
long gethostid(void);
int getpeereid(int, uid_t *, gid_t *);
int mkstemps(char *, int);
char *mkdtemp(char *);
char *mktemp(char *);
extern char *suboptarg;
int getsubopt(char **, char *const *, char **);
void swab(const void *, void *, ssize_t);
__END_DECLS
#endif
