/* The machine's names, and lists of what is mounted. */
#include "private.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sysctl.h>
#include <sys/utsname.h>

int uname(struct utsname *u)
{
	static const struct { const char *name; size_t off; } parts[] = {
		{ "kern.ostype", offsetof(struct utsname, sysname) }, { "kern.hostname", offsetof(struct utsname, nodename) },
		{ "kern.osrelease", offsetof(struct utsname, release) }, { "kern.version", offsetof(struct utsname, version) },
		{ "hw.machine", offsetof(struct utsname, machine) },
	};
	memset(u, 0, sizeof *u);
	for (unsigned i = 0; i < countof(parts); i++) {
		char *p = (char *)u + parts[i].off;
		size_t n = _SYS_NAMELEN;
		if (sysctlbyname(parts[i].name, p, &n, NULL, 0) < 0 && errno != ENOMEM)
			return -1;
		p[_SYS_NAMELEN - 1] = 0;
		for (char *q = p; *q; q++)
			if (*q == '\n' || *q == '\t')
				*q = q[1] ? ' ' : 0;
	}
	return 0;
}
static int mounts(struct statfs **out, int flags)
{
	for (int room = 16;; room *= 2) {
		struct statfs *l = malloc(room * sizeof *l);
		int n = l ? getfsstat(l, room * sizeof *l, flags) : -1;
		if (n < 0) {
			free(l);
			return 0;
		}
		if (n < room) {
			*out = l;
			return n;
		}
		free(l);
	}
}
int getmntinfo_r_np(struct statfs **out, int flags) { return mounts(out, flags); }
int getmntinfo(struct statfs **out, int flags)
{
	static struct statfs *last;
	struct statfs *l = NULL;
	int n = mounts(&l, flags);
	if (n == 0)
		return 0;
	free(last);
	*out = last = l;
	return n;
}
