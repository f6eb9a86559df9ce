/*
 * fts: walks of file hierarchies. It never changes the directory (FTS_NOCHDIR is how
 * it always is), so fts_accpath is a path from where the caller was. A directory is
 * read whole when it is entered; what was read is kept until it is left.
 */
#include "private.h"
#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static FTSENT *new_entry(FTS *f, FTSENT *parent, const char *dir, size_t dirlen, const char *name, size_t n)
{
	bool slash = dirlen > 0 && dir[dirlen - 1] != '/';
	size_t pathlen = dirlen + slash + n;
	FTSENT *e = calloc(1, sizeof *e + n + 1 + 8 + sizeof(struct stat) + pathlen + 1);
	if (!e)
		return NULL;
	memcpy(e->fts_name, name, n);
	e->fts_statp = (struct stat *)(((uintptr_t)e + sizeof *e + n + 8) & ~(uintptr_t)7);
	char *p = (char *)(e->fts_statp + 1);
	e->fts_path = e->fts_accpath = p;
	memcpy(p, dir, dirlen);
	if (slash)
		p[dirlen] = '/';
	memcpy(p + dirlen + slash, name, n);
	e->fts_namelen = n;
	e->fts_pathlen = pathlen;
	e->fts_parent = parent;
	e->fts_level = parent ? parent->fts_level + 1 : FTS_ROOTPARENTLEVEL;
	e->fts_instr = FTS_NOINSTR;
	return e;
}

static int kind(FTS *f, FTSENT *e, bool follow)
{
	struct stat *st = e->fts_statp;
	if (follow ? stat(e->fts_accpath, st) < 0 : lstat(e->fts_accpath, st) < 0) {
		int err = errno;
		if (follow && lstat(e->fts_accpath, st) == 0) {
			errno = 0;
			return FTS_SLNONE;
		}
		e->fts_errno = err;
		memset(st, 0, sizeof *st);
		return FTS_NS;
	}
	e->fts_ino = st->st_ino;
	e->fts_dev = st->st_dev;
	e->fts_nlink = st->st_nlink;
	if (S_ISDIR(st->st_mode)) {
		if (strcmp(e->fts_name, ".") == 0 || strcmp(e->fts_name, "..") == 0)
			if (e->fts_level > FTS_ROOTLEVEL)
				return FTS_DOT;
		for (FTSENT *t = e->fts_parent; t && t->fts_level >= FTS_ROOTLEVEL; t = t->fts_parent)
			if (t->fts_ino == e->fts_ino && t->fts_dev == e->fts_dev) {
				e->fts_cycle = t;
				return FTS_DC;
			}
		return FTS_D;
	}
	return S_ISLNK(st->st_mode) ? FTS_SL : S_ISREG(st->st_mode) ? FTS_F : FTS_DEFAULT;
}

static void free_list(FTSENT *e)
{
	while (e) {
		FTSENT *next = e->fts_link;
		free(e);
		e = next;
	}
}

static int order(void *cookie, const void *a, const void *b)
{
	FTS *f = cookie;
	return f->fts_compar((const FTSENT **)a, (const FTSENT **)b);
}
static FTSENT *sorted(FTS *f, FTSENT *list, size_t n)
{
	if (!f->fts_compar || n < 2)
		return list;
	FTSENT **v = malloc(n * sizeof *v), **p = v;
	if (!v)
		return list;
	for (FTSENT *e = list; e; e = e->fts_link)
		*p++ = e;
	qsort_r(v, n, sizeof *v, f, order);
	for (size_t i = 0; i < n; i++)
		v[i]->fts_link = i + 1 < n ? v[i + 1] : NULL;
	list = v[0];
	free(v);
	return list;
}

FTS *fts_open(char *const *argv, int options, int (*compar)(const FTSENT **, const FTSENT **))
{
	if (options & ~FTS_OPTIONMASK || !(options & (FTS_LOGICAL | FTS_PHYSICAL)) || !argv[0]) {
		errno = EINVAL;
		return NULL;
	}
	FTS *f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->fts_options = options | FTS_NOCHDIR;
	f->fts_compar = compar;
	f->fts_rfd = -1;
	FTSENT *root = new_entry(f, NULL, "", 0, "", 0), *list = NULL, **tail = &list;
	size_t n = 0;
	if (!root)
		goto fail;
	for (; *argv; argv++, n++) {
		size_t len = strlen(*argv);
		if (len == 0) {
			errno = ENOENT;
			goto fail;
		}
		/* The name is the whole path, but the entry's parent is no directory. */
		FTSENT *e = new_entry(f, root, "", 0, *argv, len);
		if (!e)
			goto fail;
		e->fts_level = FTS_ROOTLEVEL;
		e->fts_info = kind(f, e, options & (FTS_LOGICAL | FTS_COMFOLLOW));
		if (e->fts_info == FTS_DOT)
			e->fts_info = FTS_D;
		*tail = e;
		tail = &e->fts_link;
	}
	list = sorted(f, list, n);
	/* The one before the first. */
	f->fts_cur = new_entry(f, root, "", 0, "", 0);
	if (!f->fts_cur)
		goto fail;
	f->fts_cur->fts_link = list;
	f->fts_cur->fts_info = FTS_INIT;
	return f;
fail:
	free_list(list);
	free(root);
	free(f);
	return NULL;
}

/* The entries of directory d, sorted; null with errno, or with 0 if it is empty. */
static FTSENT *entries(FTS *f, FTSENT *d, bool names)
{
	DIR *dir = opendir(d->fts_accpath);
	if (!dir)
		return NULL;
	FTSENT *list = NULL, **tail = &list;
	struct dirent *de;
	size_t n = 0;
	int err = 0;
	while (errno = 0, (de = readdir(dir))) {
		if (!(f->fts_options & FTS_SEEDOT) && (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0))
			continue;
		FTSENT *e = new_entry(f, d, d->fts_path, d->fts_pathlen, de->d_name, de->d_namlen);
		if (!e || (size_t)d->fts_pathlen + de->d_namlen + 2 > 65535) {
			free(e);
			err = e ? ENAMETOOLONG : ENOMEM;
			break;
		}
		e->fts_ino = de->d_ino;
		if (names || (f->fts_options & FTS_NOSTAT && de->d_type != DT_DIR && de->d_type != DT_UNKNOWN && !(de->d_type == DT_LNK && f->fts_options & FTS_LOGICAL)))
			e->fts_info = FTS_NSOK;
		else
			e->fts_info = kind(f, e, f->fts_options & FTS_LOGICAL);
		*tail = e;
		tail = &e->fts_link;
		n++;
	}
	if (err == 0)
		err = errno;
	closedir(dir);
	if (err) {
		free_list(list);
		errno = err;
		return NULL;
	}
	errno = 0;
	return sorted(f, list, n);
}

FTSENT *fts_read(FTS *f)
{
	FTSENT *p = f->fts_cur, *next;
	if (!p || f->fts_options & FTS_STOP)
		return NULL;
	int instr = p->fts_instr;
	p->fts_instr = FTS_NOINSTR;
	if (instr == FTS_AGAIN) {
		p->fts_info = kind(f, p, false);
		return p;
	}
	if (instr == FTS_FOLLOW && (p->fts_info == FTS_SL || p->fts_info == FTS_SLNONE)) {
		p->fts_info = kind(f, p, true);
		return p;
	}
	if (p->fts_info == FTS_D) {
		bool other = f->fts_options & FTS_XDEV && p->fts_level > FTS_ROOTLEVEL && p->fts_dev != f->fts_dev;
		if (p->fts_level == FTS_ROOTLEVEL)
			f->fts_dev = p->fts_dev;
		if (instr == FTS_SKIP || other) {
			free_list(f->fts_child);
			f->fts_child = NULL;
			p->fts_info = FTS_DP;
			return p;
		}
		FTSENT *list = f->fts_child;
		if (list && list->fts_info == FTS_NSOK && !(f->fts_options & FTS_NOSTAT)) {
			/* fts_children had been asked for the names alone. */
			for (FTSENT *e = list; e; e = e->fts_link)
				e->fts_info = kind(f, e, f->fts_options & FTS_LOGICAL);
		}
		f->fts_child = NULL;
		if (!list)
			list = entries(f, p, false);
		if (!list) {
			p->fts_errno = errno;
			p->fts_info = errno ? FTS_DNR : FTS_DP;
			return p;
		}
		return f->fts_cur = list;
	}
	for (;;) {
		FTSENT *parent = p->fts_parent;
		next = p->fts_link;
		if (next) {
			free(p);
			f->fts_cur = p = next;
			if (p->fts_instr == FTS_SKIP)
				continue;
			if (p->fts_instr == FTS_FOLLOW) {
				p->fts_info = kind(f, p, true);
				p->fts_instr = FTS_NOINSTR;
			}
			return p;
		}
		free(p);
		f->fts_cur = p = parent;
		if (p->fts_level == FTS_ROOTPARENTLEVEL) {
			free(p);
			f->fts_cur = NULL;
			errno = 0;
			return NULL;
		}
		p->fts_info = FTS_DP;
		return p;
	}
}

FTSENT *fts_children(FTS *f, int instr)
{
	FTSENT *p = f->fts_cur;
	if (instr != 0 && instr != FTS_NAMEONLY) {
		errno = EINVAL;
		return NULL;
	}
	errno = 0;
	if (!p || f->fts_options & FTS_STOP)
		return NULL;
	if (p->fts_info == FTS_INIT)
		return p->fts_link;
	if (p->fts_info != FTS_D)
		return NULL;
	free_list(f->fts_child);
	return f->fts_child = entries(f, p, instr == FTS_NAMEONLY);
}
int fts_set(FTS *f, FTSENT *e, int instr)
{
	if (instr != 0 && instr != FTS_AGAIN && instr != FTS_FOLLOW && instr != FTS_NOINSTR && instr != FTS_SKIP) {
		errno = EINVAL;
		return 1;
	}
	e->fts_instr = instr;
	return 0;
}
int fts_close(FTS *f)
{
	FTSENT *p = f->fts_cur;
	free_list(f->fts_child);
	while (p) {
		FTSENT *parent = p->fts_parent;
		free_list(p);
		p = parent;
	}
	free(f);
	return 0;
}
