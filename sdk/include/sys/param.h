/* Limits of the system. */
#ifndef _SYS_PARAM_H_
#define _SYS_PARAM_H_
#include <sys/types.h>
#include <limits.h>
#define MAXPATHLEN PATH_MAX
#define MAXSYMLINKS 32
#define MAXLOGNAME 255
#define MAXHOSTNAMELEN 256
#define NGROUPS NGROUPS_MAX
#define NOFILE 256
#define NBPG 4096
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define howmany(x, y) (((x) + ((y) - 1)) / (y))
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#define nitems(a) (sizeof(a) / sizeof((a)[0]))
#endif
