/* Waiting for children. */
#ifndef _SYS_WAIT_H_
#define _SYS_WAIT_H_
#include <sys/types.h>
#include <sys/resource.h>
#include <signal.h>
#define WCONTINUED               0x10
#define WCOREFLAG                0x80
#define WEXITED                  0x4
#define WNOHANG                  0x1
#define WNOWAIT                  0x20
#define WSTOPPED                 0x8
#define WUNTRACED                0x2
#define _WSTATUS(x) ((x) & 0177)
#define WIFEXITED(x) (_WSTATUS(x) == 0)
#define WEXITSTATUS(x) (((x) >> 8) & 0xff)
#define WIFSIGNALED(x) (_WSTATUS(x) != 0177 && _WSTATUS(x) != 0)
#define WTERMSIG(x) (_WSTATUS(x))
#define WCOREDUMP(x) ((x) & WCOREFLAG)
#define WIFSTOPPED(x) (_WSTATUS(x) == 0177 && ((x) >> 8) != 0x13)
#define WSTOPSIG(x) ((x) >> 8)
#define WIFCONTINUED(x) (_WSTATUS(x) == 0177 && ((x) >> 8) == 0x13)
#define W_EXITCODE(r, s) ((r) << 8 | (s))
#define W_STOPCODE(s) ((s) << 8 | 0177)
typedef enum { P_ALL, P_PID, P_PGID } idtype_t;
__BEGIN_DECLS
pid_t wait(int *);
pid_t waitpid(pid_t, int *, int);
pid_t wait3(int *, int, struct rusage *);
pid_t wait4(pid_t, int *, int, struct rusage *);
int waitid(idtype_t, id_t, siginfo_t *, int);
__END_DECLS
#endif
