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

int main(void)
{
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

	/* copyfile: data, mode, times, extended attributes. */
	int fd = open("from", O_CREAT | O_WRONLY, 0640);
	CHECKEQ(write(fd, "contents", 8), 8);
	int attributes = fsetxattr(fd, "com.example.a", "v", 1, 0, 0) == 0;
	close(fd);
	copyfile_state_t s = copyfile_state_alloc();
	off_t copied = 0;
	CHECKEQ(copyfile("from", "to", s, COPYFILE_ALL), 0);
	CHECKEQ(copyfile_state_get(s, COPYFILE_STATE_COPIED, &copied), 0);
	CHECKEQ(copied, 8);
	copyfile_state_free(s);
	struct stat st, was;
	CHECK(stat("from", &was) == 0 && stat("to", &st) == 0);
	CHECKEQ(st.st_mode & 0777, 0640);
	CHECKEQ(st.st_size, 8);
	CHECKEQ(st.st_mtimespec.tv_sec, was.st_mtimespec.tv_sec);
	char v[4];
	CHECK(!attributes || getxattr("to", "com.example.a", v, sizeof v, 0, 0) == 1);
	CHECKEQ(copyfile("from", "to", NULL, COPYFILE_DATA | COPYFILE_EXCL), -1);
	CHECKEQ(errno, EEXIST);
	CHECKEQ(copyfile("from", "tree", NULL, COPYFILE_ALL | COPYFILE_RECURSIVE), -1);
	CHECKEQ(errno, ENOTSUP);
	puts("darwin ok");
	DONE();
}
