/* Limits of the system. */
#ifndef _SYS_PARAM_H_
#define _SYS_PARAM_H_
#include <sys/types.h>
#include <limits.h>
#include <sys/syslimits.h>
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
#define rounddown(x, y) (((x) / (y)) * (y))
#define powerof2(x) ((((x) - 1) & (x)) == 0)
#define BSD 199506
#define BSD4_3 1
#define BSD4_4 1
#define NeXTBSD 1995064
#define DEV_BSIZE 512
#define NBBY 8
#define NCARGS (1024 * 1024)
#define MAXINTERP 64
#define MAXBSIZE (256 * 4096)
#define PGSHIFT 12
#define setbit(a, i) (((char *)(a))[(i) / NBBY] |= 1 << ((i) % NBBY))
#define clrbit(a, i) (((char *)(a))[(i) / NBBY] &= ~(1 << ((i) % NBBY)))
#define isset(a, i) (((char *)(a))[(i) / NBBY] & (1 << ((i) % NBBY)))
#define isclr(a, i) ((((char *)(a))[(i) / NBBY] & (1 << ((i) % NBBY))) == 0)
#define nitems(a) (sizeof(a) / sizeof((a)[0]))
#endif
