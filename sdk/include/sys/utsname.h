/* The machine's names. */
#ifndef _SYS_UTSNAME_H_
#define _SYS_UTSNAME_H_
#include <sys/cdefs.h>
#define _SYS_NAMELEN 256
struct utsname {
	char sysname[_SYS_NAMELEN], nodename[_SYS_NAMELEN], release[_SYS_NAMELEN], version[_SYS_NAMELEN], machine[_SYS_NAMELEN];
};
__BEGIN_DECLS
int uname(struct utsname *);
__END_DECLS
#endif
