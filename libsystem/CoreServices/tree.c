/* Trees of files: see tree.h. Links are not followed. */
#include "tree.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { CREATED = 0x100, REMOVED = 0x200, INODE = 0x400, RENAMED = 0x800, MODIFIED = 0x1000, OWNER = 0x4000, IS_FILE = 0x10000, IS_DIR = 0x20000, IS_LINK = 0x40000 };

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}
static bool add(struct tree *t, char *path)
{
	struct stat s;
	if (lstat(path, &s) != 0) {
		free(path);
		return false;
	}
	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->e = must(reallocarray(t->e, t->room, sizeof *t->e));
	}
	t->e[t->n++] = (struct entry){ path, s.st_ino, s.st_dev, s.st_mtimespec.tv_sec * 1000000000 + s.st_mtimespec.tv_nsec,
		s.st_ctimespec.tv_sec * 1000000000 + s.st_ctimespec.tv_nsec, s.st_size, s.st_mode, s.st_uid, s.st_gid };
	return true;
}
static bool is_excluded(const char *path, char *const *excluded, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = strlen(excluded[i]);
		if (strncmp(path, excluded[i], k) == 0 && (path[k] == 0 || path[k] == '/'))
			return true;
	}
	return false;
}
static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}
void tree_scan(struct tree *t, const char *root, char *const *excluded, size_t excluded_n)
{
	*t = (struct tree){ 0 };
	if (is_excluded(root, excluded, excluded_n) || !add(t, must(strdup(root))))
		return;
	/* Directories are read in the order in which they were found: what is open is one at a time. */
	for (size_t at = 0; at < t->n; at++) {
		if (!S_ISDIR(t->e[at].mode))
			continue;
		DIR *d = opendir(t->e[at].path);
		struct dirent *e;
		while (d && (e = readdir(d))) {
			if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
				continue;
			size_t k = strlen(t->e[at].path), n = strlen(e->d_name);
			char *p = must(malloc(k + n + 2));
			memcpy(p, t->e[at].path, k);
			if (k > 1)
				p[k++] = '/';
			memcpy(p + k, e->d_name, n + 1);
			if (is_excluded(p, excluded, excluded_n))
				free(p);
			else
				add(t, p);
		}
		if (d)
			closedir(d);
	}
	qsort(t->e, t->n, sizeof *t->e, by_path);
}
void tree_free(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->e[i].path);
	free(t->e);
	*t = (struct tree){ 0 };
}
static uint32_t kind(const struct entry *e)
{
	return S_ISDIR(e->mode) ? IS_DIR : S_ISLNK(e->mode) ? IS_LINK : IS_FILE;
}
static int by_file(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	return x->dev != y->dev ? (x->dev > y->dev) - (x->dev < y->dev) : (x->ino > y->ino) - (x->ino < y->ino);
}
static uint32_t difference(const struct entry *a, const struct entry *b)
{
	uint32_t f = 0;
	if (a->mtime != b->mtime || a->size != b->size)
		f |= S_ISDIR(b->mode) ? 0 : MODIFIED; /* a directory's is told by what is in it */
	if (a->mode != b->mode)
		f |= INODE;
	if (a->uid != b->uid || a->gid != b->gid)
		f |= OWNER;
	if (!f && a->ctime != b->ctime && !S_ISDIR(b->mode))
		f |= INODE;
	return f;
}
void tree_diff(const struct tree *was, const struct tree *now, void (*changed)(void *, const char *, uint32_t), void *arg)
{
	/* First what is gone and what is new; a file that is both was renamed. */
	struct entry **gone = must(calloc(was->n + 1, sizeof *gone));
	size_t i = 0, k = 0, gone_n = 0;
	while (i < was->n) {
		int c = k == now->n ? -1 : strcmp(was->e[i].path, now->e[k].path);
		if (c > 0) {
			k++;
			continue;
		}
		if (c < 0)
			gone[gone_n++] = &was->e[i];
		else
			k++;
		i++;
	}
	qsort(gone, gone_n, sizeof *gone, by_file);
	struct entry **moved = must(calloc(gone_n + 1, sizeof *moved)); /* by place in gone */
	for (i = k = 0; k < now->n; k++) {
		struct entry *e = &now->e[k], **from;
		while (i < was->n && strcmp(was->e[i].path, e->path) < 0)
			i++;
		bool same = i < was->n && strcmp(was->e[i].path, e->path) == 0;
		if (same && was->e[i].ino == e->ino && was->e[i].dev == e->dev) {
			uint32_t f = difference(&was->e[i], e);
			if (f)
				changed(arg, e->path, f | kind(e));
			continue;
		}
		from = bsearch(&e, gone, gone_n, sizeof *gone, by_file);
		if (from && !moved[from - gone] && kind(*from) == kind(e)) {
			moved[from - gone] = e;
			changed(arg, (*from)->path, RENAMED | kind(*from));
			changed(arg, e->path, RENAMED | kind(e));
		} else {
			changed(arg, e->path, (same ? REMOVED | CREATED | MODIFIED : CREATED) | kind(e));
		}
	}
	for (i = 0; i < gone_n; i++)
		if (!moved[i])
			changed(arg, gone[i]->path, REMOVED | kind(gone[i]));
	free(gone);
	free(moved);
}
