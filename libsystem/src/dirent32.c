/*
 * The names of <dirent.h> without $INODE64, as programs from before 10.6, and
 * programs that name them by themselves (fastwalk, which fzf uses), ask for
 * them: streams are the same, entries have 32-bit file numbers.
 */
#include "private.h"
#include <dirent.h>
#include <errno.h>
#include <string.h>

void *_dir_old(DIR *, size_t);

struct dirent32 {
	__uint32_t d_ino;
	__uint16_t d_reclen;
	__uint8_t d_type, d_namlen;
	char d_name[255 + 1];
};

DIR *opendir32(const char *) __asm__("_opendir");
DIR *fdopendir32(int) __asm__("_fdopendir");
struct dirent32 *readdir32(DIR *) __asm__("_readdir");
int readdir_r32(DIR *, struct dirent32 *, struct dirent32 **) __asm__("_readdir_r");
void rewinddir32(DIR *) __asm__("_rewinddir");
long telldir32(DIR *) __asm__("_telldir");
void seekdir32(DIR *, long) __asm__("_seekdir");

DIR *opendir32(const char *path) { return opendir(path); }
DIR *fdopendir32(int fd) { return fdopendir(fd); }
void rewinddir32(DIR *d) { rewinddir(d); }
long telldir32(DIR *d) { return telldir(d); }
void seekdir32(DIR *d, long at) { seekdir(d, at); }

static struct dirent32 *shorten(const struct dirent *e, struct dirent32 *s)
{
	size_t n = e->d_namlen < sizeof s->d_name ? e->d_namlen : sizeof s->d_name - 1;
	s->d_ino = (__uint32_t)e->d_ino;
	if (!s->d_ino)
		s->d_ino = 1; /* 0 is no entry */
	s->d_type = e->d_type;
	s->d_namlen = n;
	memcpy(s->d_name, e->d_name, n);
	s->d_name[n] = 0;
	s->d_reclen = (__builtin_offsetof(struct dirent32, d_name) + n + 1 + 3) & ~3;
	return s;
}

struct dirent32 *readdir32(DIR *d)
{
	struct dirent32 *s = _dir_old(d, sizeof *s);
	struct dirent *e = s ? readdir(d) : NULL;
	return e ? shorten(e, s) : NULL;
}

int readdir_r32(DIR *d, struct dirent32 *entry, struct dirent32 **result)
{
	struct dirent full, *e;
	int err = readdir_r(d, &full, &e);
	*result = e ? shorten(e, entry) : NULL;
	return err;
}
