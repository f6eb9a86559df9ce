/* libproc: names for proc_info's calls. They return 0 on failure, errno set. */
#include "private.h"
#include <errno.h>
#include <libproc.h>
#include <string.h>

enum { CALL_LISTPIDS = 1, CALL_PIDINFO = 2, CALL_PIDFDINFO = 3, CALL_PIDRUSAGE = 9 };

static int ask(int call, int pid, int flavor, uint64_t arg, void *buf, int n)
{
	int r = __proc_info(call, pid, flavor, arg, buf, n);
	return r < 0 ? 0 : r;
}
int proc_listpids(uint32_t type, uint32_t info, void *buf, int n) { return ask(CALL_LISTPIDS, type, info, 0, buf, n); }
int proc_listallpids(void *buf, int n) { return proc_listpids(PROC_ALL_PIDS, 0, buf, n) / (int)sizeof(int); }
int proc_pidinfo(int pid, int flavor, uint64_t arg, void *buf, int n) { return ask(CALL_PIDINFO, pid, flavor, arg, buf, n); }
int proc_pidfdinfo(int pid, int fd, int flavor, void *buf, int n) { return ask(CALL_PIDFDINFO, pid, flavor, fd, buf, n); }

int proc_pid_rusage(int pid, int flavor, rusage_info_t *buf) { return __proc_info(CALL_PIDRUSAGE, pid, flavor, 0, buf, 0); }

static int too_small(void) { errno = ENOMEM; return 0; }

int proc_regionfilename(int pid, uint64_t addr, void *buf, uint32_t n)
{
	struct proc_regionpath p;
	if (n < sizeof p.prpo_path)
		return too_small();
	return proc_pidinfo(pid, PROC_PIDREGIONPATH, addr, &p, sizeof p) ? (int)strlcpy(buf, p.prpo_path, n) : 0;
}
int proc_name(int pid, void *buf, uint32_t n)
{
	struct proc_bsdinfo p;
	if (n < sizeof p.pbi_name)
		return too_small();
	if (!proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &p, sizeof p))
		return 0;
	return strlcpy(buf, p.pbi_name[0] ? p.pbi_name : p.pbi_comm, sizeof p.pbi_name);
}
int proc_pidpath(int pid, void *buf, uint32_t n)
{
	if (n < 1024)
		return too_small();
	if (n > PROC_PIDPATHINFO_MAXSIZE) {
		errno = EOVERFLOW;
		return 0;
	}
	return __proc_info(CALL_PIDINFO, pid, PROC_PIDPATHINFO, 0, buf, n) < 0 ? 0 : (int)strlen(buf);
}
int proc_libversion(int *major, int *minor) { *major = 1, *minor = 1; return 0; }
