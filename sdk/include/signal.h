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
int sigblock(int);
int sigsetmask(int);
void psignal(int, const char *);
int pthread_kill(pthread_t, int);
int pthread_sigmask(int, const sigset_t *, sigset_t *);
__END_DECLS
#endif
