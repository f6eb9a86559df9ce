/* Signals: everything but the frame, which the kernel makes and start.s leaves. */
#include "private.h"
#include <signal.h>
#include <errno.h>
#include <unistd.h>
#include <string.h>

struct kernel_sigaction {
	void *handler;
	void (*tramp)(void);
	sigset_t mask;
	int flags;
};

int sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	if (sig <= 0 || sig >= NSIG || sig == SIGKILL || sig == SIGSTOP) {
		errno = EINVAL;
		return -1;
	}
	struct kernel_sigaction k;
	if (act)
		k = (struct kernel_sigaction){ (void *)act->sa_handler, _sigtramp, act->sa_mask, act->sa_flags };
	return __sigaction(sig, act ? &k : NULL, old);
}

static sigset_t no_restart; /* signals that siginterrupt made interrupt calls */

void (*signal(int sig, void (*fn)(int)))(int)
{
	struct sigaction a = { { fn }, 0, 0 }, old;
	if (sig > 0 && sig < NSIG && !(no_restart & sigmask(sig)))
		a.sa_flags = SA_RESTART;
	return sigaction(sig, &a, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int siginterrupt(int sig, int on)
{
	struct sigaction a;
	if (sigaction(sig, NULL, &a) < 0)
		return -1;
	if (on) {
		a.sa_flags &= ~SA_RESTART;
		no_restart |= sigmask(sig);
	} else {
		a.sa_flags |= SA_RESTART;
		no_restart &= ~sigmask(sig);
	}
	return sigaction(sig, &a, NULL);
}

int kill(pid_t pid, int sig) { return __kill(pid, sig, 1); }
int killpg(pid_t pgrp, int sig)
{
	if (pgrp == 1) {
		errno = ESRCH;
		return -1;
	}
	return kill(-pgrp, sig);
}

int raise(int sig)
{
	int err = pthread_kill(pthread_self(), sig);
	if (err) {
		errno = err;
		return -1;
	}
	return 0;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	long r = __pthread_sigmask(how, set, old);
	if (r < 0) {
		errno = -r;
		return -1;
	}
	return 0;
}

int sigsuspend(const sigset_t *set) { return __sigsuspend(set ? *set : 0); }
int sigwait(const sigset_t *set, int *sig)
{
	pthread_testcancel();
	long r = __sigwait(set, sig);
	if (r == -EINTR)
		pthread_testcancel();
	return -r;
}
int pause(void)
{
	sigset_t s;
	sigprocmask(SIG_BLOCK, NULL, &s);
	return sigsuspend(&s);
}
int sigpause(int sig)
{
	sigset_t s;
	if (sig <= 0 || sig >= NSIG) {
		errno = EINVAL;
		return -1;
	}
	sigprocmask(SIG_BLOCK, NULL, &s);
	sigdelset(&s, sig);
	return sigsuspend(&s);
}
int sigblock(int m)
{
	sigset_t s = m, old;
	return sigprocmask(SIG_BLOCK, &s, &old) < 0 ? -1 : (int)old;
}
int sigsetmask(int m)
{
	sigset_t s = m, old;
	return sigprocmask(SIG_SETMASK, &s, &old) < 0 ? -1 : (int)old;
}
int sighold(int n) { sigset_t s = sigmask(n); return sigprocmask(SIG_BLOCK, &s, NULL); }
int sigrelse(int n) { sigset_t s = sigmask(n); return sigprocmask(SIG_UNBLOCK, &s, NULL); }
int sigignore(int n) { return signal(n, SIG_IGN) == SIG_ERR ? -1 : 0; }
void (*sigset(int n, void (*fn)(int)))(int)
{
	sigset_t was, s = sigmask(n);
	struct sigaction old, a = { { fn }, 0, 0 };
	if (sigprocmask(fn == SIG_HOLD ? SIG_BLOCK : SIG_UNBLOCK, &s, &was) < 0 ||
	    sigaction(n, fn == SIG_HOLD ? NULL : &a, &old) < 0)
		return SIG_ERR;
	return was & s ? SIG_HOLD : old.sa_handler;
}

#undef sigemptyset
#undef sigfillset
#undef sigaddset
#undef sigdelset
#undef sigismember
int sigemptyset(sigset_t *s) { *s = 0; return 0; }
int sigfillset(sigset_t *s) { *s = ~0u; return 0; }
static int bad(int n)
{
	if (n > 0 && n <= NSIG)
		return 0;
	errno = EINVAL;
	return 1;
}
int sigaddset(sigset_t *s, int n) { if (bad(n)) return -1; *s |= sigmask(n); return 0; }
int sigdelset(sigset_t *s, int n) { if (bad(n)) return -1; *s &= ~sigmask(n); return 0; }
int sigismember(const sigset_t *s, int n) { if (bad(n)) return -1; return (*s & sigmask(n)) != 0; }

const char *const sys_signame[NSIG] = { "Signal 0", "hup", "int", "quit", "ill", "trap", "abrt", "emt", "fpe", "kill",
	"bus", "segv", "sys", "pipe", "alrm", "term", "urg", "stop", "tstp", "cont", "chld", "ttin", "ttou", "io",
	"xcpu", "xfsz", "vtalrm", "prof", "winch", "info", "usr1", "usr2" };
const char *const sys_siglist[NSIG] = { "Signal 0", "Hangup", "Interrupt", "Quit", "Illegal instruction",
	"Trace/BPT trap", "Abort trap", "EMT trap", "Floating point exception", "Killed", "Bus error",
	"Segmentation fault", "Bad system call", "Broken pipe", "Alarm clock", "Terminated",
	"Urgent I/O condition", "Suspended (signal)", "Suspended", "Continued", "Child exited",
	"Stopped (tty input)", "Stopped (tty output)", "I/O possible", "Cputime limit exceeded",
	"Filesize limit exceeded", "Virtual timer expired", "Profiling timer expired", "Window size changes",
	"Information request", "User defined signal 1", "User defined signal 2" };

char *strsignal(int n)
{
	static char other[32];
	if (n >= 0 && n < NSIG)
		return (char *)sys_siglist[n];
	memcpy(other, "Unknown signal: ", 16);
	if (n < 0) {
		other[16] = '-';
		other[17 + digits_of(other + 17, -(unsigned)n)] = 0;
	} else {
		other[16 + digits_of(other + 16, n)] = 0;
	}
	return other;
}
