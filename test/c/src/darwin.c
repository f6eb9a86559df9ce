/* What programs that were built on a Mac look into, and Darwin's own functions. */
#include "check.h"
#include <copyfile.h>
#include <ctype.h>
#include <fcntl.h>
#include <mach-o/dyld.h>
#include <mach-o/getsect.h>
#include <malloc/malloc.h>
#include <netdb.h>
#include <pthread.h>
#include <unistd.h>
#include <unwind.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>

extern const struct { char magic[8], encoding[32]; void *get, *put; int invalid; unsigned types[256]; int lower[256], upper[256]; } _DefaultRuneLocale;
int CCRandomGenerateBytes(void *, size_t);
__attribute__((section("__DATA,__own"))) int own[3] = { 7, 8, 9 };

/* More stack than a page at once: the compiler calls ___chkstk_darwin. */
__attribute__((noinline)) static int large(int n)
{
	volatile char room[200000];
	room[n] = n;
	room[sizeof room - 1] = 1;
	return room[n] + room[sizeof room - 1];
}
static void *in_thread(void *arg)
{
	CHECKEQ(large(40), 41);
	return arg;
}

static _Unwind_Reason_Code count(struct _Unwind_Context *c, void *arg)
{
	CHECK(_Unwind_GetIP(c) != 0 && _Unwind_GetRegionStart(c) <= _Unwind_GetIP(c));
	++*(int *)arg;
	return _URC_NO_REASON;
}
__attribute__((noinline)) static int depth(int n)
{
	int frames = 0;
	if (n > 0)
		return depth(n - 1) + (large(n) - n - 1);
	CHECKEQ(_Unwind_Backtrace(count, &frames), _URC_END_OF_STACK);
	return frames;
}

/* copyfile: data, mode, times, extended attributes. */
static void copies(void)
{
	struct timeval then[2] = { { 1000000000, 0 }, { 1000000001, 0 } }; /* of 2001 */
	int fd = open("from", O_CREAT | O_WRONLY, 0640);
	CHECKEQ(write(fd, "contents", 8), 8);
	int attributes = fsetxattr(fd, "com.example.a", "v", 1, 0, 0) == 0;
	if (!attributes) {
		CHECKEQ(errno, ENOTSUP);
		puts("no extended attributes here: their copies are not tried");
	}
	close(fd);
	CHECKEQ(chmod("from", 04666), 0); /* what no umask would leave */
	CHECKEQ(utimes("from", then), 0);
	copyfile_state_t s = copyfile_state_alloc();
	off_t copied = 0;
	CHECKEQ(copyfile("from", "to", s, COPYFILE_ALL), 0);
	CHECKEQ(copyfile_state_get(s, COPYFILE_STATE_COPIED, &copied), 0);
	CHECKEQ(copied, 8);
	char *name = NULL;
	CHECKEQ(copyfile_state_get(s, COPYFILE_STATE_DST_FILENAME, &name), 0);
	CHECKSTR(name, "to");
	copyfile_state_free(s);
	struct stat st;
	CHECKEQ(stat("to", &st), 0);
	CHECKEQ(st.st_mode & 07777, 04666);
	CHECKEQ(st.st_size, 8);
	CHECKEQ(st.st_atimespec.tv_sec, then[0].tv_sec);
	CHECKEQ(st.st_mtimespec.tv_sec, then[1].tv_sec);
	char v[4];
	CHECK(!attributes || (getxattr("to", "com.example.a", v, sizeof v, 0, 0) == 1 && v[0] == 'v'));
	CHECKEQ(copyfile("from", "to", NULL, COPYFILE_DATA | COPYFILE_EXCL), -1);
	CHECKEQ(errno, EEXIST);
	CHECKEQ(copyfile("from", "tree", NULL, COPYFILE_ALL | COPYFILE_RECURSIVE), -1);
	CHECKEQ(errno, ENOTSUP);

	/* What there would be to copy. */
	CHECKEQ(copyfile("none", "to", NULL, COPYFILE_CHECK | COPYFILE_ALL), -1);
	CHECKEQ(errno, ENOENT);
	CHECKEQ(copyfile("from", NULL, NULL, COPYFILE_CHECK | COPYFILE_ALL), attributes ? COPYFILE_XATTR : 0);
	CHECKEQ(copyfile("from", NULL, NULL, COPYFILE_CHECK | COPYFILE_DATA), 0);

	/* A state's own names and descriptors. */
	s = copyfile_state_alloc();
	CHECKEQ(copyfile(NULL, "to2", s, COPYFILE_DATA), -1);
	CHECKEQ(errno, EINVAL);
	CHECKEQ(copyfile_state_set(s, COPYFILE_STATE_SRC_FILENAME, "from"), 0);
	CHECKEQ(copyfile_state_set(s, COPYFILE_STATE_DST_FILENAME, "to2"), 0);
	CHECKEQ(copyfile(NULL, NULL, s, COPYFILE_DATA), 0);
	CHECK(stat("to2", &st) == 0 && st.st_size == 8);
	fd = open("to3", O_CREAT | O_RDWR, 0600);
	CHECKEQ(copyfile_state_set(s, COPYFILE_STATE_DST_FD, &fd), 0);
	CHECKEQ(copyfile("from", NULL, s, COPYFILE_DATA), 0);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 8); /* it is still open */
	close(fd);
	copyfile_state_free(s);

	/* UNLINK takes the link, and not what it points at, from a descriptor too. */
	s = copyfile_state_alloc();
	fd = open("from", O_RDONLY);
	CHECKEQ(symlink("elsewhere", "to6"), 0);
	CHECKEQ(copyfile_state_set(s, COPYFILE_STATE_SRC_FD, &fd), 0);
	CHECKEQ(copyfile(NULL, "to6", s, COPYFILE_DATA | COPYFILE_UNLINK), 0);
	CHECK(lstat("to6", &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 8);
	close(fd);
	copyfile_state_free(s);

	/* A move leaves nothing, whatever it is that moves, and however. */
	CHECKEQ(symlink("from", "link"), 0);
	CHECKEQ(copyfile("link", "link2", NULL, COPYFILE_DATA | COPYFILE_NOFOLLOW_SRC | COPYFILE_MOVE), 0);
	CHECK(lstat("link", &st) < 0 && errno == ENOENT);
	CHECK(lstat("link2", &st) == 0 && S_ISLNK(st.st_mode));
	CHECKEQ(copyfile("to2", "to4", NULL, COPYFILE_CLONE | COPYFILE_MOVE), 0);
	CHECK(stat("to2", &st) < 0 && errno == ENOENT);
	CHECK(stat("to4", &st) == 0 && st.st_size == 8);
	CHECKEQ(copyfile("from", "to5", NULL, COPYFILE_DATA | COPYFILE_MOVE), 0);
	CHECK(stat("from", &st) < 0 && errno == ENOENT);
}

unsigned long ___runetype(int);

int main(void)
{
	for (int c = 0; c < 256; c++)
		CHECKEQ(___runetype(c), _DefaultRuneLocale.types[c]);
	for (int c = 0; c < 128; c++) {
		unsigned t = _DefaultRuneLocale.types[c];
		CHECK(!(t & _CTYPE_A) == !isalpha(c) && !(t & _CTYPE_D) == !isdigit(c) && !(t & _CTYPE_S) == !isspace(c) &&
			!(t & _CTYPE_P) == !ispunct(c) && !(t & _CTYPE_R) == !isprint(c) && !(t & _CTYPE_X) == !isxdigit(c) &&
			!(t & _CTYPE_C) == !iscntrl(c) && !(t & _CTYPE_B) == !isblank(c) && !(t & _CTYPE_U) == !isupper(c));
		CHECK(_DefaultRuneLocale.lower[c] == tolower(c) && _DefaultRuneLocale.upper[c] == toupper(c));
	}
	pthread_t t;
	CHECKEQ(large(3), 4);
	CHECKEQ(pthread_create(&t, NULL, in_thread, NULL), 0);
	CHECKEQ(pthread_join(t, NULL), 0);
	CHECKEQ(depth(12) - depth(2), 10);

	unsigned long size = 0;
	CHECK((int *)getsectiondata(_dyld_get_image_header(0), "__DATA", "__own", &size) == own && size == sizeof own);
	CHECK(getsectiondata(_dyld_get_image_header(0), "__DATA", "__none", &size) == NULL && size == 0);

	malloc_zone_t *z = malloc_default_zone();
	char *p = z->malloc(z, 100);
	CHECK(p && z->size(z, p) >= 100 && z->size(z, own) == 0);
	p = z->realloc(z, p, 5000);
	z->free(z, p);
	p = z->memalign(z, 4096, 10);
	CHECK(((unsigned long)p & 4095) == 0);
	z->free(z, p);

	unsigned char a[600] = { 0 };
	int zeros = 0;
	CHECKEQ(CCRandomGenerateBytes(a, sizeof a), 0);
	for (unsigned i = 0; i < sizeof a; i++)
		zeros += !a[i];
	CHECK(zeros < 60);
	CHECKSTR(getprotobynumber(6)->p_name, "tcp");
	CHECK(getprotobynumber(255) == NULL);

	copies();
	puts("darwin ok");
	DONE();
}
