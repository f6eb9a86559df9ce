/* Looking at processes. */
#ifndef _LIBPROC_H_
#define _LIBPROC_H_
#include <sys/types.h>
#include <sys/proc_info.h>
#include <sys/resource.h>
#define PROC_PIDPATHINFO_MAXSIZE 4096
__BEGIN_DECLS
int proc_listpids(uint32_t, uint32_t, void *, int);
int proc_listallpids(void *, int);
int proc_pidinfo(int, int, uint64_t, void *, int);
int proc_pidfdinfo(int, int, int, void *, int);
int proc_pid_rusage(int, int, rusage_info_t *);
int proc_regionfilename(int, uint64_t, void *, uint32_t);
int proc_name(int, void *, uint32_t);
int proc_pidpath(int, void *, uint32_t);
int proc_libversion(int *, int *);
__END_DECLS
#endif
