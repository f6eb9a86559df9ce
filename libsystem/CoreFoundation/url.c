/*
 * URLs of files, and of nothing else: an absolute path, and whether it is said to be
 * a directory. What needs the scheme, the host or the text of a URL is not there.
 */
#include "cf.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { POSIX_STYLE = 0 };
CFTypeID CFURLGetTypeID(void) { return CF_URL; }
static void free_url(struct cf *o) { CFRelease(((struct cf_url *)o)->path); }

/* Takes path, of malloc. */
static CFTypeRef url(char *path, bool directory)
{
	size_t n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		path[--n] = 0, directory = true;
	struct cf_url *u = __CFNew(sizeof *u, CF_URL, free_url);
	u->directory = directory;
	u->path = __CFStringOwn(path, n);
	return u;
}
/* NULL for an empty path, one that is no UTF-8, or when the current directory can't be told. */
CFTypeRef CFURLCreateFromFileSystemRepresentation(const void *alloc, const uint8_t *p, CFIndex n, Boolean directory)
{
	CFTypeRef valid = n > 0 && !memchr(p, 0, n) ? CFStringCreateWithBytes(NULL, p, n, kCFStringEncodingUTF8, false) : NULL;
	if (!valid)
		return NULL;
	CFRelease(valid);
	char cwd[PATH_MAX] = "";
	if (p[0] != '/' && !getcwd(cwd, sizeof cwd))
		return NULL;
	size_t k = strlen(cwd);
	char *b = malloc(k + n + 2);
	if (!b)
		abort();
	memcpy(b, cwd, k);
	if (k && cwd[k - 1] != '/')
		b[k++] = '/';
	memcpy(b + k, p, n);
	b[k + n] = 0;
	return url(b, directory);
}
CFTypeRef CFURLCreateWithFileSystemPath(const void *alloc, CFTypeRef path, CFIndex style, Boolean directory)
{
	const struct cf_string *s = __CFString(path);
	return style == POSIX_STYLE ? CFURLCreateFromFileSystemRepresentation(alloc, (void *)s->utf8, s->n, directory) : NULL;
}
/* NULL for other styles than that of POSIX. */
CFTypeRef CFURLCopyFileSystemPath(CFTypeRef u, CFIndex style)
{
	return style == POSIX_STYLE ? CFRetain(((const struct cf_url *)u)->path) : NULL;
}
Boolean CFURLGetFileSystemRepresentation(CFTypeRef u, Boolean absolute, uint8_t *to, CFIndex room)
{
	const struct cf_string *s = ((const struct cf_url *)u)->path;
	if (s->n >= room)
		return false;
	memcpy(to, s->utf8, s->n + 1);
	return true;
}
CFTypeRef CFURLCopyAbsoluteURL(CFTypeRef u) { return CFRetain(u); }
Boolean CFURLHasDirectoryPath(CFTypeRef u) { return ((const struct cf_url *)u)->directory; }
Boolean CFURLResourceIsReachable(CFTypeRef u, CFTypeRef *error)
{
	if (access(((const struct cf_url *)u)->path->utf8, F_OK) == 0)
		return true;
	if (error)
		*error = __CFErrorCreate(errno, strerror(errno));
	return false;
}
/*
 * A reference to a file names it by its number in the file system, and its path is one without links.
 * Here it is the path without links at once, and does not follow a file that is renamed.
 */
CFTypeRef CFURLCreateFileReferenceURL(const void *alloc, CFTypeRef u, CFTypeRef *error)
{
	char *p = realpath(((const struct cf_url *)u)->path->utf8, NULL);
	if (p)
		return url(p, ((const struct cf_url *)u)->directory);
	if (error)
		*error = __CFErrorCreate(errno, strerror(errno));
	return NULL;
}
CFTypeRef CFURLCreateFilePathURL(const void *alloc, CFTypeRef u, CFTypeRef *error) { return CFRetain(u); }

CFTypeRef CFURLCopyLastPathComponent(CFTypeRef u)
{
	const char *p = ((const struct cf_url *)u)->path->utf8, *slash = strrchr(p, '/');
	return CFStringCreateWithCString(NULL, slash && slash[1] ? slash + 1 : p, kCFStringEncodingUTF8);
}
CFTypeRef CFURLCreateCopyDeletingLastPathComponent(const void *alloc, CFTypeRef u)
{
	const char *p = ((const struct cf_url *)u)->path->utf8, *slash = strrchr(p, '/');
	return CFURLCreateFromFileSystemRepresentation(alloc, (const void *)p, slash > p ? slash - p : 1, true);
}
CFTypeRef CFURLCreateCopyAppendingPathComponent(const void *alloc, CFTypeRef u, CFTypeRef part, Boolean directory)
{
	const struct cf_string *a = ((const struct cf_url *)u)->path, *b = __CFString(part);
	char *p = malloc(a->n + b->n + 2);
	if (!p)
		abort();
	memcpy(p, a->utf8, a->n);
	CFIndex n = a->n;
	if (p[n - 1] != '/')
		p[n++] = '/';
	memcpy(p + n, b->utf8, b->n);
	p[n + b->n] = 0;
	return url(p, directory);
}
