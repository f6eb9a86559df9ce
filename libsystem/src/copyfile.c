/*
 * copyfile: one file's data, mode, owner, times and extended attributes. There are
 * no access control lists to copy. Trees, AppleDouble packing and call-backs are
 * ENOTSUP.
 */
#include "private.h"
#include <copyfile.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/clonefile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>

struct _copyfile_state { int src, dst; char *src_name, *dst_name; off_t copied; };

copyfile_state_t copyfile_state_alloc(void)
{
	copyfile_state_t s = calloc(1, sizeof *s);
	if (s)
		s->src = s->dst = -2;
	return s;
}
int copyfile_state_free(copyfile_state_t s)
{
	if (s) {
		free(s->src_name);
		free(s->dst_name);
		free(s);
	}
	return 0;
}
int copyfile_state_get(copyfile_state_t s, uint32_t what, void *out)
{
	switch (what) {
	case COPYFILE_STATE_SRC_FD: *(int *)out = s->src; return 0;
	case COPYFILE_STATE_DST_FD: *(int *)out = s->dst; return 0;
	case COPYFILE_STATE_SRC_FILENAME: *(char **)out = s->src_name; return 0;
	case COPYFILE_STATE_DST_FILENAME: *(char **)out = s->dst_name; return 0;
	case COPYFILE_STATE_COPIED: *(off_t *)out = s->copied; return 0;
	}
	errno = EINVAL;
	return -1;
}
int copyfile_state_set(copyfile_state_t s, uint32_t what, const void *in)
{
	char **name = what == COPYFILE_STATE_SRC_FILENAME ? &s->src_name : &s->dst_name;
	switch (what) {
	case COPYFILE_STATE_SRC_FD: s->src = *(const int *)in; return 0;
	case COPYFILE_STATE_DST_FD: s->dst = *(const int *)in; return 0;
	case COPYFILE_STATE_SRC_FILENAME: case COPYFILE_STATE_DST_FILENAME: {
		char *copy = strdup(in);
		if (!copy)
			return -1;
		free(*name);
		*name = copy;
		return 0;
	}
	}
	errno = EINVAL;
	return -1;
}

static int copy_data(int from, int to, off_t *copied)
{
	size_t room = 256 << 10;
	char *buf = malloc(room);
	ssize_t n = -1;
	if (!buf)
		return -1;
	while ((n = read(from, buf, room)) > 0)
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(to, buf + done, n - done);
			if (w < 0) {
				free(buf);
				return -1;
			}
			done += w;
			*copied += w;
		}
	free(buf);
	return n < 0 || ftruncate(to, *copied) < 0 ? -1 : 0;
}

static int copy_attributes(int from, int to)
{
	ssize_t n = flistxattr(from, NULL, 0, 0);
	if (n <= 0)
		return n < 0 && errno != ENOTSUP ? -1 : 0;
	char *names = malloc(n);
	int r = names && (n = flistxattr(from, names, n, 0)) >= 0 ? 0 : -1;
	for (char *p = names; r == 0 && p < names + n; p += strlen(p) + 1) {
		ssize_t size = fgetxattr(from, p, NULL, 0, 0, 0);
		char *v = size < 0 ? NULL : malloc(size + 1);
		if (!v || (size = fgetxattr(from, p, v, size, 0, 0)) < 0 || fsetxattr(to, p, v, size, 0, 0) < 0)
			r = -1;
		free(v);
	}
	free(names);
	return r;
}

static int copy_stat(const struct stat *st, int to)
{
	/*
	 * Who is not root may not give files away, and the copy is none the worse, but the
	 * rights of the owner were not meant for another. A change of owner takes these
	 * bits away, so it comes first.
	 */
	mode_t mode = st->st_mode & 07777;
	if (fchown(to, st->st_uid, st->st_gid) < 0)
		mode &= ~(S_ISUID | S_ISGID);
	if (fchmod(to, mode) < 0)
		return -1;
	struct timeval tv[2] = {
		{ st->st_atimespec.tv_sec, st->st_atimespec.tv_nsec / 1000 },
		{ st->st_mtimespec.tv_sec, st->st_mtimespec.tv_nsec / 1000 } };
	return futimes(to, tv);
}

enum { SUPPORTED = COPYFILE_ALL | COPYFILE_CHECK | COPYFILE_EXCL | COPYFILE_NOFOLLOW | COPYFILE_MOVE | COPYFILE_UNLINK |
	COPYFILE_CLONE | COPYFILE_CLONE_FORCE };

int fcopyfile(int from, int to, copyfile_state_t s, copyfile_flags_t flags)
{
	off_t copied = 0;
	if (flags & ~SUPPORTED) {
		errno = ENOTSUP;
		return -1;
	}
	struct stat st;
	int r = fstat(from, &st); /* now: to read it changes when it was read last */
	if (r == 0 && flags & COPYFILE_DATA)
		r = copy_data(from, to, &copied);
	if (s) {
		s->src = from;
		s->dst = to;
		s->copied = copied;
	}
	if (r == 0 && flags & COPYFILE_XATTR)
		r = copy_attributes(from, to);
	if (r == 0 && flags & COPYFILE_STAT)
		r = copy_stat(&st, to);
	return r;
}

/* What a symbolic link points at. */
static int copy_link(const char *from, const char *to)
{
	char buf[1025];
	ssize_t n = readlink(from, buf, sizeof buf - 1);
	if (n < 0)
		return -1;
	buf[n] = 0;
	return symlink(buf, to);
}

/* Which of what flags ask for there is to copy: of that only extended attributes may be absent. */
static int check(const char *from, copyfile_flags_t flags)
{
	struct stat st;
	bool link = flags & COPYFILE_NOFOLLOW_SRC;
	if ((link ? lstat(from, &st) : stat(from, &st)) < 0)
		return -1;
	if (!(flags & COPYFILE_XATTR))
		return 0;
	ssize_t n = listxattr(from, NULL, 0, link ? XATTR_NOFOLLOW : 0);
	return n > 0 ? COPYFILE_XATTR : n < 0 && errno != ENOTSUP ? -1 : 0;
}

/* A directory itself, or a file, by descriptors of s where it has them. */
static int copy_open(const char *from, const char *to, copyfile_state_t s, copyfile_flags_t flags)
{
	struct stat st;
	int given_in = s ? s->src : -2, given_out = s ? s->dst : -2;
	int in = given_in >= 0 ? given_in : open(from, O_RDONLY);
	if (in < 0)
		return -1;
	int out = given_out, r = fstat(in, &st);
	if (r == 0 && S_ISDIR(st.st_mode))
		flags &= ~COPYFILE_DATA;
	if (r == 0 && out < 0) {
		if (S_ISDIR(st.st_mode)) {
			r = mkdir(to, 0777);
			if (r < 0 && errno == EEXIST && !(flags & COPYFILE_EXCL))
				r = 0;
			if (r == 0)
				out = open(to, O_RDONLY);
		} else {
			int how = O_WRONLY | O_CREAT | (flags & COPYFILE_EXCL ? O_EXCL : 0) | (flags & COPYFILE_NOFOLLOW_DST ? O_NOFOLLOW : 0);
			out = open(to, how, st.st_mode & 0777);
		}
	}
	if (r == 0)
		r = out < 0 ? -1 : fcopyfile(in, out, s, flags);
	int saved = errno;
	if (given_in < 0)
		close(in);
	if (given_out < 0 && out >= 0)
		close(out);
	if (s) {
		s->src = given_in;
		s->dst = given_out;
	}
	errno = saved;
	return r;
}

static int copy(const char *from, const char *to, copyfile_state_t s, copyfile_flags_t flags)
{
	struct stat st;
	if (s && (s->src >= 0 || s->dst >= 0)) { /* no names to clone or to link */
		if (flags & COPYFILE_CLONE_FORCE) {
			errno = ENOTSUP;
			return -1;
		}
		if (s->dst < 0 && flags & COPYFILE_UNLINK && unlink(to) < 0 && errno != ENOENT)
			return -1;
		return copy_open(from, to, s, flags & COPYFILE_CLONE ? flags | COPYFILE_ALL : flags);
	}
	if (flags & (COPYFILE_CLONE | COPYFILE_CLONE_FORCE)) {
		if (clonefile(from, to, flags & COPYFILE_NOFOLLOW_SRC ? 1 : 0) == 0)
			return 0;
		if (flags & COPYFILE_CLONE_FORCE)
			return -1;
		flags |= COPYFILE_ALL | COPYFILE_EXCL | COPYFILE_NOFOLLOW_SRC;
	}
	if (flags & COPYFILE_UNLINK && unlink(to) < 0 && errno != ENOENT)
		return -1;
	if (flags & COPYFILE_NOFOLLOW_SRC && lstat(from, &st) == 0 && S_ISLNK(st.st_mode))
		return copy_link(from, to);
	return copy_open(from, to, s, flags);
}

/*
 * A state's names and descriptors are used where the arguments give none: a name that is
 * NULL is the state's, and a descriptor of it goes before a name. EINVAL: there is neither,
 * or no name of what is to be moved or checked.
 */
int copyfile(const char *from, const char *to, copyfile_state_t s, copyfile_flags_t flags)
{
	if (flags & ~SUPPORTED) {
		errno = ENOTSUP;
		return -1;
	}
	if (s && ((from && copyfile_state_set(s, COPYFILE_STATE_SRC_FILENAME, from) < 0) ||
	    (to && copyfile_state_set(s, COPYFILE_STATE_DST_FILENAME, to) < 0)))
		return -1;
	if (s) {
		from = s->src_name;
		to = s->dst_name;
	}
	bool by_name = flags & (COPYFILE_MOVE | COPYFILE_CHECK);
	if ((!from && (by_name || !s || s->src < 0)) || (!to && !(flags & COPYFILE_CHECK) && (!s || s->dst < 0))) {
		errno = EINVAL;
		return -1;
	}
	if (flags & COPYFILE_CHECK)
		return check(from, flags);
	int r = copy(from, to, s, flags);
	return r == 0 && flags & COPYFILE_MOVE ? remove(from) : r;
}
