/* Names that nobody else has: the X's of a template are replaced at random. */
#include "private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

enum how { NAME, FILE_, DIR_ };

static int make(char *path, int suffix, enum how how, int oflag)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t len = strlen(path);
	if (suffix < 0 || (size_t)suffix > len) {
		errno = EINVAL;
		return -1;
	}
	char *end = path + len - suffix, *x = end;
	while (x > path && x[-1] == 'X')
		x--;
	if (how != NAME && x == end) {
		errno = EINVAL;
		return -1;
	}
	for (int tries = 0; tries < 1000; tries++) {
		struct stat st;
		int fd;
		for (char *p = x; p < end; p++)
			*p = letters[arc4random_uniform(62)];
		switch (how) {
		case NAME:
			if (lstat(path, &st) == 0)
				break;
			return errno == ENOENT ? 0 : -1;
		case FILE_:
			if ((fd = open(path, O_RDWR | O_CREAT | O_EXCL | oflag, 0600)) >= 0)
				return fd;
			if (errno != EEXIST)
				return -1;
			break;
		case DIR_:
			if (mkdir(path, 0700) == 0)
				return 0;
			if (errno != EEXIST)
				return -1;
			break;
		}
		if (x == end)
			break;
	}
	errno = EEXIST;
	return -1;
}
int mkstemp(char *p) { return make(p, 0, FILE_, 0); }
int mkstemps(char *p, int suffix) { return make(p, suffix, FILE_, 0); }
int mkostemp(char *p, int o) { return make(p, 0, FILE_, o & (O_APPEND | O_CLOEXEC | O_SHLOCK | O_EXLOCK)); }
int mkostemps(char *p, int suffix, int o) { return make(p, suffix, FILE_, o & (O_APPEND | O_CLOEXEC | O_SHLOCK | O_EXLOCK)); }
char *mkdtemp(char *p) { return make(p, 0, DIR_, 0) < 0 ? NULL : p; }
char *mktemp(char *p) { return make(p, 0, NAME, 0) < 0 ? NULL : p; }

FILE *tmpfile(void)
{
	char path[1024];
	const char *dir = issetugid() ? NULL : getenv("TMPDIR");
	snprintf(path, sizeof path, "%s/tmp.XXXXXXXXXX", dir && *dir ? dir : "/tmp");
	int fd = mkstemp(path);
	if (fd < 0)
		return NULL;
	unlink(path);
	FILE *f = fdopen(fd, "w+");
	if (!f)
		close(fd);
	return f;
}
char *tmpnam(char *buf)
{
	static char own[L_tmpnam];
	if (!buf)
		buf = own;
	strlcpy(buf, P_tmpdir "tmp.0.XXXXXX", L_tmpnam);
	return mktemp(buf);
}
char *tempnam(const char *dir, const char *prefix)
{
	const char *dirs[] = { issetugid() ? NULL : getenv("TMPDIR"), dir, P_tmpdir, "/tmp" };
	char *path = malloc(1024);
	if (!path)
		return NULL;
	for (unsigned i = 0; i < countof(dirs); i++) {
		if (!dirs[i] || !*dirs[i])
			continue;
		size_t n = strlen(dirs[i]);
		snprintf(path, 1024, "%s%s%sXXXXXX", dirs[i], dirs[i][n - 1] == '/' ? "" : "/", prefix ? prefix : "tmp.");
		if (mktemp(path))
			return path;
	}
	int e = errno;
	free(path);
	errno = e;
	return NULL;
}
