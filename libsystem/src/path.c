/* Paths: the real one, and their two parts. */
#include "private.h"
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

/*
 * The path is walked name by name; the text of a symbolic link goes in front of
 * what is left. out holds what has been resolved, without a slash at its end
 * unless it is the root.
 */
char *realpath(const char *restrict path, char *restrict buf)
{
	char out[PATH_MAX], left[PATH_MAX], name[PATH_MAX], link[PATH_MAX];
	size_t n = 0, len;
	int links = 0;
	if (!path) {
		errno = EINVAL;
		return NULL;
	}
	if (!*path) {
		errno = ENOENT;
		return NULL;
	}
	if (strlcpy(left, path, sizeof left) >= sizeof left)
		goto long_;
	if (*path == '/') {
		out[n++] = '/';
	} else {
		if (!getcwd(out, sizeof out))
			return NULL;
		n = strlen(out);
	}
	char *p = left;
	for (;;) {
		while (*p == '/')
			p++;
		if (!*p)
			break;
		len = to_char(p, '/') - p;
		memcpy(name, p, len);
		name[len] = 0;
		p += len;
		if (strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			while (n > 1 && out[n - 1] != '/')
				n--;
			if (n > 1)
				n--;
			continue;
		}
		size_t was = n;
		if (n + len + 2 > sizeof out)
			goto long_;
		if (out[n - 1] != '/')
			out[n++] = '/';
		memcpy(out + n, name, len + 1);
		n += len;
		struct stat st;
		if (lstat(out, &st) < 0) {
			if (buf) {
				memcpy(buf, out, n);
				buf[n] = 0;
			}
			return NULL;
		}
		if (S_ISLNK(st.st_mode)) {
			if (++links > 32) {
				errno = ELOOP;
				return NULL;
			}
			ssize_t k = readlink(out, link, sizeof link - 1);
			if (k <= 0) {
				errno = k == 0 ? ENOENT : errno;
				return NULL;
			}
			size_t rest = strlen(p);
			if (k + rest + 2 > sizeof left)
				goto long_;
			if (*link == '/') {
				n = 1;
			} else {
				n = was;
			}
			memmove(left + k, p, rest + 1);
			memcpy(left, link, k);
			p = left;
		} else if (!S_ISDIR(st.st_mode) && *p) {
			errno = ENOTDIR;
			return NULL;
		}
	}
	out[n] = 0;
	if (!buf)
		return strdup(out);
	memcpy(buf, out, n + 1);
	return buf;
long_:
	errno = ENAMETOOLONG;
	return NULL;
}
char *_realpath_extsn(const char *p, char *b) __asm__("_realpath$DARWIN_EXTSN");
char *_realpath_extsn(const char *p, char *b) { return realpath(p, b); }

/* Both answer from memory of the thread's process, as Darwin's do. */
char *basename_r(const char *path, char *buf)
{
	if (!path || !*path)
		return strcpy(buf, ".");
	const char *end = path + strlen(path);
	while (end > path + 1 && end[-1] == '/')
		end--;
	const char *p = end;
	while (p > path && p[-1] != '/')
		p--;
	if (p == end)
		p = end - 1; /* slashes alone */
	if (end - p >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(buf, p, end - p);
	buf[end - p] = 0;
	return buf;
}
char *dirname_r(const char *path, char *buf)
{
	if (!path || !*path)
		return strcpy(buf, ".");
	const char *end = path + strlen(path);
	while (end > path + 1 && end[-1] == '/')
		end--;
	while (end > path && end[-1] != '/')
		end--;
	if (end == path)
		return strcpy(buf, *path == '/' ? "/" : ".");
	while (end > path + 1 && end[-1] == '/')
		end--;
	if (end - path >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(buf, path, end - path);
	buf[end - path] = 0;
	return buf;
}
char *basename(char *path) { static char b[PATH_MAX]; return basename_r(path, b); }
char *dirname(char *path) { static char b[PATH_MAX]; return dirname_r(path, b); }
