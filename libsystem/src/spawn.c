/*
 * posix_spawn. The attributes and the actions are kept in the form that the
 * kernel reads (sys/spawn_internal.h): struct _posix_spawnattr's first 16 bytes,
 * and a counted list of actions of 1040 bytes each.
 */
#include "private.h"
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

struct attr {
	short flags, pad;
	sigset_t sigdefault, sigmask;
	pid_t pgroup;
	char rest[112]; /* the kernel may look at more than we set */
};
enum { ACTION_OPEN, ACTION_CLOSE, ACTION_DUP2, ACTION_INHERIT, ACTION_FILEPORT, ACTION_CHDIR, ACTION_FCHDIR };
struct action {
	int type, fd;
	union {
		struct { int oflag; unsigned short mode; char path[1024]; } open;
		int newfd;
		char chdir[1024];
	};
};
_Static_assert(sizeof(struct action) == 1040, "psfa layout");
struct actions { int room, count; struct action list[]; };
struct desc { size_t attr_size; void *attr; size_t actions_size; void *actions; size_t rest[12]; };

int posix_spawnattr_init(posix_spawnattr_t *a)
{
	return (*a = calloc(1, sizeof(struct attr))) ? 0 : ENOMEM;
}
int posix_spawnattr_destroy(posix_spawnattr_t *a)
{
	if (!a || !*a)
		return EINVAL;
	free(*a);
	*a = NULL;
	return 0;
}
#define FIELD(name, type, field, ctype) \
	int posix_spawnattr_set##name(posix_spawnattr_t *a, type v) { \
		if (!a || !*a) return EINVAL; \
		((struct attr *)*a)->field = (ctype)v; return 0; } \
	int posix_spawnattr_get##name(const posix_spawnattr_t *a, ctype *v) { \
		if (!a || !*a) return EINVAL; \
		*v = ((struct attr *)*a)->field; return 0; }
FIELD(flags, short, flags, short)
FIELD(pgroup, pid_t, pgroup, pid_t)
int posix_spawnattr_setsigdefault(posix_spawnattr_t *a, const sigset_t *s)
{
	if (!a || !*a)
		return EINVAL;
	((struct attr *)*a)->sigdefault = *s;
	return 0;
}
int posix_spawnattr_getsigdefault(const posix_spawnattr_t *a, sigset_t *s)
{
	if (!a || !*a)
		return EINVAL;
	*s = ((struct attr *)*a)->sigdefault;
	return 0;
}
int posix_spawnattr_setsigmask(posix_spawnattr_t *a, const sigset_t *s)
{
	if (!a || !*a)
		return EINVAL;
	((struct attr *)*a)->sigmask = *s;
	return 0;
}
int posix_spawnattr_getsigmask(const posix_spawnattr_t *a, sigset_t *s)
{
	if (!a || !*a)
		return EINVAL;
	*s = ((struct attr *)*a)->sigmask;
	return 0;
}

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *a)
{
	struct actions *l = calloc(1, sizeof *l + 2 * sizeof(struct action));
	if (!l)
		return ENOMEM;
	l->room = 2;
	*a = l;
	return 0;
}
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *a)
{
	if (!a || !*a)
		return EINVAL;
	free(*a);
	*a = NULL;
	return 0;
}
static struct action *add(posix_spawn_file_actions_t *a, int type, int fd, int *err)
{
	struct actions *l = a ? *a : NULL;
	if (!l) {
		*err = EINVAL;
		return NULL;
	}
	if (fd < 0 || fd >= 10240) {
		*err = EBADF;
		return NULL;
	}
	if (l->count == l->room) {
		int room = 2 * l->room;
		if (room > 1024 || !(l = realloc(l, sizeof *l + room * sizeof(struct action)))) {
			*err = ENOMEM;
			return NULL;
		}
		l->room = room;
		*a = l;
	}
	struct action *x = &l->list[l->count++];
	memset(x, 0, sizeof *x);
	x->type = type;
	x->fd = fd;
	*err = 0;
	return x;
}
int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *a, int fd, const char *path, int oflag, mode_t mode)
{
	int err;
	if (strlen(path) >= 1024)
		return ENAMETOOLONG;
	struct action *x = add(a, ACTION_OPEN, fd, &err);
	if (x) {
		x->open.oflag = oflag;
		x->open.mode = mode;
		strlcpy(x->open.path, path, sizeof x->open.path);
	}
	return err;
}
int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *a, int fd)
{
	int err;
	add(a, ACTION_CLOSE, fd, &err);
	return err;
}
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *a, int fd, int newfd)
{
	int err;
	if (newfd < 0 || newfd >= 10240)
		return EBADF;
	struct action *x = add(a, ACTION_DUP2, fd, &err);
	if (x)
		x->newfd = newfd;
	return err;
}
int posix_spawn_file_actions_addinherit_np(posix_spawn_file_actions_t *a, int fd)
{
	int err;
	add(a, ACTION_INHERIT, fd, &err);
	return err;
}
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *a, const char *path)
{
	int err;
	if (strlen(path) >= 1024)
		return ENAMETOOLONG;
	struct action *x = add(a, ACTION_CHDIR, 0, &err);
	if (x)
		strlcpy(x->chdir, path, sizeof x->chdir);
	return err;
}
int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *a, int fd)
{
	int err;
	add(a, ACTION_FCHDIR, fd, &err);
	return err;
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *fa, const posix_spawnattr_t *attr,
    char *const *argv, char *const *env)
{
	struct desc d = { 0 };
	pid_t child = 0;
	if (attr && *attr) {
		d.attr_size = sizeof(struct attr);
		d.attr = *attr;
	}
	if (fa && *fa && ((struct actions *)*fa)->count) {
		struct actions *l = *fa;
		d.actions_size = sizeof *l + l->count * sizeof(struct action);
		d.actions = l;
	}
	long r = __posix_spawn(&child, path, d.attr || d.actions ? &d : NULL, argv, env);
	if (r == 0 && pid)
		*pid = child;
	return -r;
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *fa, const posix_spawnattr_t *attr,
    char *const *argv, char *const *env)
{
	if (strchr(file, '/'))
		return posix_spawn(pid, file, fa, attr, argv, env);
	const char *p = getenv("PATH");
	char path[1024];
	int err = ENOENT, r;
	size_t len = strlen(file);
	for (p = p ? p : _PATH_DEFPATH;; p++) {
		const char *end = to_char(p, ':');
		size_t n = end - p;
		if (n + len + 2 <= sizeof path) {
			if (n == 0)
				path[n++] = '.';
			else
				memcpy(path, p, n);
			path[n] = '/';
			memcpy(path + n + 1, file, len + 1);
			r = posix_spawn(pid, path, fa, attr, argv, env);
			if (r == EACCES)
				err = r;
			else if (r != ENOENT && r != ENOTDIR && r != ELOOP && r != ENAMETOOLONG)
				return r;
		}
		p = end;
		if (!*p)
			return err;
	}
}
