/* Processes and sleeping. */
#ifndef _SYS_PROC_H_
#define _SYS_PROC_H_

#include <kern/locks.h>
#include <sys/param.h>
#include <sys/types.h>

__BEGIN_DECLS
extern proc_t kernproc;
proc_t proc_self(void);
proc_t proc_find(int pid);
int proc_rele(proc_t p);
int proc_pid(proc_t p);
int proc_ppid(proc_t p);
pid_t proc_pgrpid(proc_t p);
int proc_exiting(proc_t p);
int proc_is64bit(proc_t p);
int proc_suser(proc_t p);
int proc_selfpid(void);
int proc_selfppid(void);
void proc_selfname(char *buf, int size);
void proc_name(int pid, char *buf, int size);
void proc_signal(int pid, int signum);
kauth_cred_t proc_ucred(proc_t p);
proc_t current_proc(void);
int is_suser(void);
int suser(kauth_cred_t cred, u_short *acflag);

int msleep(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, struct timespec *ts);
int msleep0(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, uint64_t deadline);
int tsleep(void *chan, int pri, const char *wmesg, int timo);
int tsleep0(void *chan, int pri, const char *wmesg, int timo, int (*continuation)(int));
void wakeup(void *chan);
void wakeup_one(void *chan);
__END_DECLS

#endif
