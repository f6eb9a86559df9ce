/* ftw and nftw, by way of fts. */
#include "private.h"
#include <errno.h>
#include <fts.h>
#include <ftw.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>

typedef int ftw_fn(const char *, const struct stat *, int);
typedef int nftw_fn(const char *, const struct stat *, int, struct FTW *);

static int tree(const char *path, ftw_fn *fn, nftw_fn *nfn, int nfds, int flags)
{
	char *paths[2] = { (char *)path, NULL };
	if (nfds < 1) {
		errno = EINVAL;
		return -1;
	}
	int back = flags & FTW_CHDIR ? open(".", O_RDONLY | O_CLOEXEC) : -1;
	FTS *f = fts_open(paths, (flags & FTW_PHYS ? FTS_PHYSICAL : FTS_LOGICAL) | (flags & FTW_MOUNT ? FTS_XDEV : 0) | FTS_NOCHDIR, NULL);
	FTSENT *e;
	int r = f ? 0 : -1;
	while (r == 0 && (e = fts_read(f))) {
		int k;
		switch (e->fts_info) {
		case FTS_D:
			if (flags & FTW_DEPTH)
				continue;
			k = FTW_D;
			break;
		case FTS_DP:
			if (!(flags & FTW_DEPTH))
				continue;
			k = FTW_DP;
			break;
		case FTS_DC: continue;
		case FTS_DNR: k = FTW_DNR; break;
		case FTS_NS:
			if (e->fts_level == FTS_ROOTLEVEL) {
				errno = e->fts_errno;
				r = -1;
				continue;
			}
			k = FTW_NS;
			break;
		case FTS_SL: k = FTW_SL; break;
		case FTS_SLNONE: k = nfn ? FTW_SLN : FTW_NS; break;
		case FTS_ERR:
			errno = e->fts_errno;
			r = -1;
			continue;
		default: k = FTW_F;
		}
		const char *slash = strrchr(e->fts_path, '/');
		struct FTW w = { .base = slash && slash[1] ? slash + 1 - e->fts_path : 0, .level = e->fts_level };
		if (back >= 0 && w.base > 0) {
			/* FTW_CHDIR: the function runs in the directory of what it is told of. */
			char dir[e->fts_pathlen + 1];
			memcpy(dir, e->fts_path, w.base);
			dir[w.base] = 0;
			if (chdir(dir) < 0)
				r = -1;
		}
		if (r == 0)
			r = nfn ? nfn(e->fts_path, e->fts_statp, k, &w) : fn(e->fts_path, e->fts_statp, k);
		if (back >= 0)
			fchdir(back);
	}
	int err = errno;
	if (f)
		fts_close(f);
	if (back >= 0)
		close(back);
	if (r == -1)
		errno = err;
	return r;
}
int ftw(const char *path, ftw_fn *fn, int nfds) { return tree(path, fn, NULL, nfds, 0); }
int nftw(const char *path, nftw_fn *fn, int nfds, int flags) { return tree(path, NULL, fn, nfds, flags); }
