/* Signals. */
#ifndef _SIGNAL_H_
#define _SIGNAL_H_
#include <sys/signal.h>
#include <sys/ucontext.h>
__BEGIN_DECLS
extern const char *const sys_signame[NSIG];
extern const char *const sys_siglist[NSIG];
void (*signal(int, void (*)(int)))(int);
int raise(int);
int kill(pid_t, int);
int killpg(pid_t, int);
int sigaction(int, const struct sigaction *, struct sigaction *);
int sigaltstack(const stack_t *, stack_t *);
int siginterrupt(int, int);
int sigpause(int);
int sigpending(sigset_t *);
int sigprocmask(int, const sigset_t *, sigset_t *);
int sigsuspend(const sigset_t *);
int sigwait(const sigset_t *, int *);
void (*sigset(int, void (*)(int)))(int);
int sighold(int);
int sigrelse(int);
int sigignore(int);
int sigemptyset(sigset_t *);
int sigfillset(sigset_t *);
int sigaddset(sigset_t *, int);
int sigdelset(sigset_t *, int);
int sigismember(const sigset_t *, int);
int sigblock(int);
int sigsetmask(int);
void psignal(int, const char *);
int pthread_kill(pthread_t, int);
int pthread_sigmask(int, const sigset_t *, sigset_t *);
__END_DECLS
#define sigemptyset(s) (*(s) = 0, 0)
#define sigfillset(s) (*(s) = ~(sigset_t)0, 0)
#define sigaddset(s, n) (*(s) |= sigmask(n), 0)
#define sigdelset(s, n) (*(s) &= ~sigmask(n), 0)
#define sigismember(s, n) ((*(s) & sigmask(n)) != 0)
#endif
