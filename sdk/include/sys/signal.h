/* Signals. */
#ifndef _SYS_SIGNAL_H_
#define _SYS_SIGNAL_H_
#include <sys/types.h>
typedef void (*sig_t)(int);
typedef int sig_atomic_t;
#define SIGABRT      0x6
#define SIGALRM      0xe
#define SIGBUS       0xa
#define SIGCHLD      0x14
#define SIGCONT      0x13
#define SIGEMT       0x7
#define SIGFPE       0x8
#define SIGHUP       0x1
#define SIGILL       0x4
#define SIGINFO      0x1d
#define SIGINT       0x2
#define SIGIO        0x17
#define SIGIOT       0x6
#define SIGKILL      0x9
#define SIGPIPE      0xd
#define SIGPROF      0x1b
#define SIGQUIT      0x3
#define SIGSEGV      0xb
#define SIGSTOP      0x11
#define SIGSYS       0xc
#define SIGTERM      0xf
#define SIGTRAP      0x5
#define SIGTSTP      0x12
#define SIGTTIN      0x15
#define SIGTTOU      0x16
#define SIGURG       0x10
#define SIGUSR1      0x1e
#define SIGUSR2      0x1f
#define SIGVTALRM    0x1a
#define SIGWINCH     0x1c
#define SIGXCPU      0x18
#define SIGXFSZ      0x19
#define NSIG 32
#define SIG_DFL ((void (*)(int))0)
#define SIG_IGN ((void (*)(int))1)
#define SIG_HOLD ((void (*)(int))5)
#define SIG_ERR ((void (*)(int))-1)
#define SIG_BLOCK 1
#define SIG_UNBLOCK 2
#define SIG_SETMASK 3
#define SA_ONSTACK 0x0001
#define SA_RESTART 0x0002
#define SA_RESETHAND 0x0004
#define SA_NOCLDSTOP 0x0008
#define SA_NODEFER 0x0010
#define SA_NOCLDWAIT 0x0020
#define SA_SIGINFO 0x0040
#define SA_USERTRAMP 0x0100
#define SS_ONSTACK 0x0001
#define SS_DISABLE 0x0004
#define MINSIGSTKSZ 32768
#define SIGSTKSZ 131072
#define SI_USER 0x10001
#define SI_QUEUE 0x10002
#define SI_TIMER 0x10003
#define SI_ASYNCIO 0x10004
#define SI_MESGQ 0x10005
#define ILL_ILLOPC 1
#define ILL_ILLTRP 2
#define ILL_PRVOPC 3
#define FPE_FLTDIV 1
#define FPE_FLTOVF 2
#define FPE_FLTUND 3
#define FPE_FLTRES 4
#define FPE_FLTINV 5
#define FPE_FLTSUB 6
#define FPE_INTDIV 7
#define FPE_INTOVF 8
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define BUS_OBJERR 3
#define TRAP_BRKPT 1
#define TRAP_TRACE 2
#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_TRAPPED 4
#define CLD_STOPPED 5
#define CLD_CONTINUED 6
union sigval { int sival_int; void *sival_ptr; };
#define SIGEV_NONE 0
#define SIGEV_SIGNAL 1
#define SIGEV_THREAD 3
struct sigevent {
	int sigev_notify, sigev_signo;
	union sigval sigev_value;
	void (*sigev_notify_function)(union sigval);
	pthread_attr_t *sigev_notify_attributes;
};
typedef struct __siginfo {
	int si_signo, si_errno, si_code;
	pid_t si_pid;
	uid_t si_uid;
	int si_status;
	void *si_addr;
	union sigval si_value;
	long si_band;
	unsigned long __pad[7];
} siginfo_t;
struct sigaction {
	union {
		void (*__sa_handler)(int);
		void (*__sa_sigaction)(int, siginfo_t *, void *);
	} __sigaction_u;
	sigset_t sa_mask;
	int sa_flags;
};
#define sa_handler __sigaction_u.__sa_handler
#define sa_sigaction __sigaction_u.__sa_sigaction
typedef struct sigaltstack { void *ss_sp; size_t ss_size; int ss_flags; } stack_t;
struct sigvec { void (*sv_handler)(int); int sv_mask, sv_flags; };
#define sigmask(s) (1u << ((s) - 1))
#endif
