/*
 * Users and groups, from /etc/passwd and /etc/group: name:passwd:uid:gid:gecos:
 * dir:shell with seven fields, or the ten of BSD's master file.
 */
#include "private.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line at a time, without stdio, so that a lookup costs a file and no heap. */
struct lines { int fd; size_t in, len; char buf[4096]; };

static int lines_open(struct lines *l, const char *path)
{
	l->in = l->len = 0;
	l->fd = open(path, O_RDONLY | O_CLOEXEC);
	return l->fd < 0 ? errno : 0;
}

/* The length of the next line, stored in out; -1 at the end, -2 if too long. */
static int lines_next(struct lines *l, char *out, size_t n)
{
	size_t i = 0;
	for (bool any = false;; any = true) {
		if (l->in == l->len) {
			ssize_t r = read(l->fd, l->buf, sizeof l->buf);
			if (r <= 0) {
				if (!any)
					return -1;
				break;
			}
			l->in = 0;
			l->len = r;
		}
		char c = l->buf[l->in++];
		if (c == '\n')
			break;
		if (i < n)
			out[i] = c;
		i++;
	}
	if (i >= n)
		return -2;
	out[i] = 0;
	return i;
}

static bool number(const char *s, uint32_t *out)
{
	uint64_t v = 0;
	bool neg = *s == '-';
	s += neg;
	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || (v = v * 10 + *s - '0') > 0xffffffff)
			return false;
	}
	*out = neg ? -(uint32_t)v : v;
	return true;
}

static bool parse_passwd(char *line, struct passwd *pw)
{
	char *f[10];
	int n = 0;
	if (*line == '#')
		return false;
	while (n < 10 && (f[n] = strsep(&line, ":")))
		n++;
	uint32_t uid, gid;
	if ((n != 7 && n != 10) || !*f[0] || !number(f[2], &uid) || !number(f[3], &gid))
		return false;
	int g = n == 10 ? 7 : 4;
	*pw = (struct passwd){ f[0], f[1], uid, gid, 0, n == 10 ? f[4] : "", f[g], f[g + 1], f[g + 2], 0 };
	return true;
}

/* The members' pointers are stored behind the line, aligned, in what is left. */
static int parse_group(char *line, char *buf, size_t n, struct group *gr)
{
	char *end = line + strlen(line) + 1;
	char *name = strsep(&line, ":"), *pass = strsep(&line, ":"), *id = strsep(&line, ":"), *mem = line;
	uint32_t gid;
	if (!*name || *name == '#' || !id || !number(id, &gid))
		return EINVAL;
	char **list = (char **)(((uintptr_t)end + 7) & ~7ul), **stop = (char **)((uintptr_t)(buf + n) & ~7ul);
	int k = 0;
	char *m;
	while (mem && (m = strsep(&mem, ","))) {
		if (!*m)
			continue;
		if (list + k + 1 >= stop)
			return ERANGE;
		list[k++] = m;
	}
	if (list + k >= stop)
		return ERANGE;
	list[k] = NULL;
	*gr = (struct group){ name, pass, gid, list };
	return 0;
}

static int find_passwd(const char *name, uid_t uid, struct passwd *pw, char *buf, size_t n, struct passwd **out)
{
	struct lines l;
	*out = NULL;
	int err = lines_open(&l, "/etc/passwd"), r;
	if (err)
		return err == ENOENT ? 0 : err;
	while (!*out && (r = lines_next(&l, buf, n)) != -1) {
		if (r == -2)
			err = ERANGE; /* it might have been the one */
		else if (parse_passwd(buf, pw) && (name ? strcmp(pw->pw_name, name) == 0 : pw->pw_uid == uid))
			*out = pw, err = 0;
	}
	close(l.fd);
	return err;
}
static int find_group(const char *name, gid_t gid, struct group *gr, char *buf, size_t n, struct group **out)
{
	struct lines l;
	*out = NULL;
	int err = lines_open(&l, "/etc/group"), r;
	if (err)
		return err == ENOENT ? 0 : err;
	while (!*out && (r = lines_next(&l, buf, n)) != -1) {
		int e = r == -2 ? ERANGE : parse_group(buf, buf, n, gr);
		if (e == ERANGE)
			err = ERANGE;
		else if (!e && (name ? strcmp(gr->gr_name, name) == 0 : gr->gr_gid == gid))
			*out = gr, err = 0;
	}
	close(l.fd);
	return err;
}

int getpwnam_r(const char *s, struct passwd *p, char *b, size_t n, struct passwd **o) { return find_passwd(s, 0, p, b, n, o); }
int getpwuid_r(uid_t u, struct passwd *p, char *b, size_t n, struct passwd **o) { return find_passwd(NULL, u, p, b, n, o); }
int getgrnam_r(const char *s, struct group *g, char *b, size_t n, struct group **o) { return find_group(s, 0, g, b, n, o); }
int getgrgid_r(gid_t i, struct group *g, char *b, size_t n, struct group **o) { return find_group(NULL, i, g, b, n, o); }

static char pwbuf[4096], grbuf[65536];
static struct passwd pwent;
static struct group grent;
struct passwd *getpwnam(const char *s) { struct passwd *p; int e = getpwnam_r(s, &pwent, pwbuf, sizeof pwbuf, &p); if (e) errno = e; return p; }
struct passwd *getpwuid(uid_t u) { struct passwd *p; int e = getpwuid_r(u, &pwent, pwbuf, sizeof pwbuf, &p); if (e) errno = e; return p; }
struct group *getgrnam(const char *s) { struct group *g; int e = getgrnam_r(s, &grent, grbuf, sizeof grbuf, &g); if (e) errno = e; return g; }
struct group *getgrgid(gid_t i) { struct group *g; int e = getgrgid_r(i, &grent, grbuf, sizeof grbuf, &g); if (e) errno = e; return g; }

static struct lines pwlines = { .fd = -1 }, grlines = { .fd = -1 };
static void close_lines(struct lines *l) { if (l->fd >= 0) close(l->fd); l->fd = -1; }
void setpwent(void) { close_lines(&pwlines); }
void endpwent(void) { close_lines(&pwlines); }
void setgrent(void) { close_lines(&grlines); }
void endgrent(void) { close_lines(&grlines); }
struct passwd *getpwent(void)
{
	if (pwlines.fd < 0 && lines_open(&pwlines, "/etc/passwd"))
		return NULL;
	while (lines_next(&pwlines, pwbuf, sizeof pwbuf) != -1)
		if (parse_passwd(pwbuf, &pwent))
			return &pwent;
	return NULL;
}
struct group *getgrent(void)
{
	if (grlines.fd < 0 && lines_open(&grlines, "/etc/group"))
		return NULL;
	while (lines_next(&grlines, grbuf, sizeof grbuf) != -1)
		if (parse_group(grbuf, grbuf, sizeof grbuf, &grent) == 0)
			return &grent;
	return NULL;
}

/* -1, with *n the room needed, if the list is longer than *n. */
int getgrouplist(const char *user, int base, int *groups, int *n)
{
	struct lines l;
	int max = *n, k = 0;
	if (k < max)
		groups[k] = base;
	k++;
	char *buf = malloc(65536);
	if (buf && lines_open(&l, "/etc/group") == 0) {
		struct group g;
		int r;
		while ((r = lines_next(&l, buf, 65536)) != -1) {
			if (r < 0 || parse_group(buf, buf, 65536, &g) || (int)g.gr_gid == base)
				continue;
			for (char **m = g.gr_mem; *m; m++)
				if (strcmp(*m, user) == 0) {
					if (k < max)
						groups[k] = g.gr_gid;
					k++;
					break;
				}
		}
		close(l.fd);
	}
	free(buf);
	*n = k;
	return k > max ? -1 : 0;
}
int initgroups(const char *user, int base)
{
	int n = 16;
	gid_t g[16];
	getgrouplist(user, base, (int *)g, &n);
	return setgroups(n < 16 ? n : 16, g);
}
