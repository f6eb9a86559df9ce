/* Resource use and limits. */
#ifndef _SYS_RESOURCE_H_
#define _SYS_RESOURCE_H_
#include <sys/types.h>
#include <sys/time.h>
typedef __uint64_t rlim_t;
typedef void *rusage_info_t;
#define RUSAGE_INFO_V0 0
#define RUSAGE_INFO_V2 2
struct rusage_info_v2 {
	uint8_t ri_uuid[16];
	uint64_t ri_user_time, ri_system_time, ri_pkg_idle_wkups, ri_interrupt_wkups, ri_pageins, ri_wired_size;
	uint64_t ri_resident_size, ri_phys_footprint, ri_proc_start_abstime, ri_proc_exit_abstime;
	uint64_t ri_child_user_time, ri_child_system_time, ri_child_pkg_idle_wkups, ri_child_interrupt_wkups;
	uint64_t ri_child_pageins, ri_child_elapsed_abstime, ri_diskio_bytesread, ri_diskio_byteswritten;
};
struct rusage {
	struct timeval ru_utime, ru_stime;
	long ru_maxrss, ru_ixrss, ru_idrss, ru_isrss, ru_minflt, ru_majflt, ru_nswap;
	long ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv, ru_nsignals, ru_nvcsw, ru_nivcsw;
};
struct rlimit { rlim_t rlim_cur, rlim_max; };
#define RLIM_NLIMITS 9
#define RLIM_SAVED_MAX RLIM_INFINITY
#define RLIM_SAVED_CUR RLIM_INFINITY
#define PRIO_DARWIN_BG           0x1000
#define PRIO_DARWIN_NONUI        0x1001
#define PRIO_DARWIN_PROCESS      0x4
#define PRIO_DARWIN_THREAD       0x3
#define PRIO_PGRP                0x1
#define PRIO_PROCESS             0x0
#define PRIO_USER                0x2
#define RLIMIT_AS                0x5
#define RLIMIT_CORE              0x4
#define RLIMIT_CPU               0x0
#define RLIMIT_DATA              0x2
#define RLIMIT_FSIZE             0x1
#define RLIMIT_MEMLOCK           0x6
#define RLIMIT_NOFILE            0x8
#define RLIMIT_NPROC             0x7
#define RLIMIT_RSS               0x5
#define RLIMIT_STACK             0x3
#define RLIM_INFINITY            0x7fffffffffffffff
#define RUSAGE_CHILDREN          (-1)
#define RUSAGE_SELF              0x0
#define PRIO_MIN (-20)
#define PRIO_MAX 20
__BEGIN_DECLS
int getpriority(int, id_t);
int setpriority(int, id_t, int);
int getrlimit(int, struct rlimit *);
int setrlimit(int, const struct rlimit *);
int getrusage(int, struct rusage *);
__END_DECLS
#endif
