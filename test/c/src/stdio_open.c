/*
 * Opening and reopening of streams, what a failed flush keeps, and that nobody waits for
 * a stream that another thread has locked or reads from.
 */
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void *flush(void *arg) { return (void *)(long)fflush(NULL); }
static void *read_one(void *f) { return (void *)(long)fgetc(f); }

static void waiting(void)
{
	pthread_t a, b;
	void *r;
	int p[2];
	FILE *x = fopen("x", "w"), *y;
	fputs("text", x);
	flockfile(x);
	CHECKEQ(pthread_create(&a, NULL, flush, NULL), 0);
	usleep(50000); /* it waits for x then; if not, nothing is shown, but nothing fails */
	CHECK((y = fopen("y", "w")) != NULL);
	CHECKEQ(fclose(y), 0);
	if (fork() == 0)
		_exit(0);
	wait(NULL);
	funlockfile(x);
	pthread_join(a, &r);
	CHECKEQ((long)r, 0);
	CHECKEQ(lseek(fileno(x), 0, SEEK_CUR), 4);

	CHECKEQ(pipe(p), 0);
	FILE *in = fdopen(p[0], "r");
	CHECKEQ(pthread_create(&b, NULL, read_one, in), 0);
	usleep(50000);
	fputs("more", x);
	CHECKEQ(fflush(NULL), 0);
	CHECKEQ(lseek(fileno(x), 0, SEEK_CUR), 8);
	CHECKEQ(fclose(x), 0);
	CHECKEQ(write(p[1], "z", 1), 1);
	pthread_join(b, &r);
	CHECKEQ((long)r, 'z');
	/* Closed while its thread has locked it: who gets the FILE next finds it free. */
	flockfile(in);
	CHECKEQ(fclose(in), 0);
	FILE *again = fopen("x", "r");
	CHECKEQ(pthread_create(&b, NULL, read_one, again), 0);
	pthread_join(b, &r);
	CHECKEQ((long)r, 't');
	CHECKEQ(fclose(again), 0);
	close(p[1]);
}

static int answer; /* what the cookie's write gives: -1, 0, or everything */
static char got[64];
static int cookie_write(void *c, const char *p, int n)
{
	if (answer <= 0) {
		errno = answer ? EIO : ENOENT;
		return answer;
	}
	strncat(got, p, n);
	return n;
}
static void kept(void)
{
	for (answer = -1; answer <= 0; answer++) {
		int was = answer;
		got[0] = 0;
		FILE *f = fwopen(NULL, cookie_write);
		CHECKEQ(fputs("kept", f), 0);
		CHECKEQ(fflush(f), EOF);
		CHECK(ferror(f) && !got[0]);
		CHECKEQ(fflush(f), EOF);
		answer = 1;
		CHECKEQ(fflush(f), 0);
		CHECK(strcmp(got, "kept") == 0);
		CHECKEQ(fclose(f), 0);
		answer = was;
	}
}

static void content(const char *path, const char *want)
{
	char b[64];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, b, sizeof b);
	CHECK(n == (ssize_t)strlen(want) && memcmp(b, want, n) == 0);
	close(fd);
}
static void reopening(void)
{
	FILE *f = fopen("r", "w+");
	int fd = fileno(f);
	fputs("hello", f);
	CHECK(freopen(NULL, "r", f) == f && fileno(f) == fd);
	CHECKEQ(fgetc(f), 'h'); /* from the start, and it was flushed */
	CHECK(freopen(NULL, "a", f) == f);
	CHECK(fcntl(fd, F_GETFL) & O_APPEND);
	lseek(fd, 0, SEEK_SET);
	fputs(" all", f);
	CHECK(freopen(NULL, "r+", f) == f);
	CHECK(!(fcntl(fd, F_GETFL) & O_APPEND));
	content("r", "hello all");
	fputs("J", f);
	CHECKEQ(fflush(f), 0);
	content("r", "Jello all");
	CHECK(freopen(NULL, "w", f) == f);
	content("r", "");
	CHECKEQ(fclose(f), 0);

	f = fopen("r", "r");
	fd = fileno(f);
	errno = 0;
	CHECK(freopen(NULL, "w", f) == NULL && errno == EBADF);
	CHECK(fcntl(fd, F_GETFD) < 0); /* it is closed */
	errno = 0;
	CHECK(freopen(NULL, "r", f) == NULL && errno == EINVAL);
	errno = 0;
	CHECK(fclose(f) == EOF && errno == EBADF);
	/* One that is closed can be opened by its path. */
	CHECK(freopen("r", "r", f) == f);
	FILE *g = fopen("r", "r");
	CHECK(g && g != f);
	CHECKEQ(fclose(g), 0);
	CHECKEQ(fclose(f), 0);
	f = fopen("r", "r");
	g = fopen("r", "r");
	CHECK(f && g && f != g);
	errno = 0;
	CHECK(freopen("absent/absent", "r", f) == NULL && errno == ENOENT);
	CHECKEQ(fclose(g), 0);
}

/* What is wanted beyond the buffer is read at once, into the caller's memory. */
static int reads, most;
static int cookie_read(void *c, char *p, int n)
{
	reads++;
	if (n > most)
		most = n;
	memset(p, 'r', n);
	return n;
}
static void large(void)
{
	static char b[100000];
	char own[16];
	FILE *f = fropen(NULL, cookie_read);
	setvbuf(f, NULL, _IONBF, 0);
	CHECKEQ(ungetc('u', f), 'u');
	CHECKEQ(fread(b, 1, sizeof b, f), sizeof b);
	CHECK(reads <= 2 && most >= (int)sizeof b - 2 && b[0] == 'u' && b[1] == 'r' && b[sizeof b - 1] == 'r');
	CHECKEQ(fgetc(f), 'r');
	fclose(f);
	f = fropen(NULL, cookie_read);
	reads = most = 0;
	CHECKEQ(fread(b, 1, sizeof b, f), sizeof b);
	CHECKEQ(reads, 1);
	fclose(f);
	f = fropen(NULL, cookie_read); /* a buffer of the program's is used */
	setvbuf(f, own, _IOFBF, sizeof own);
	most = 0;
	CHECKEQ(fread(b, 1, 100, f), 100);
	CHECKEQ(most, (int)sizeof own);
	fclose(f);
}

static jmp_buf out;
static int cookie_jump(void *c, const char *p, int n) { longjmp(out, 1); }
static void unbuffered(void)
{
	FILE *f = fopen("u", "w");
	setvbuf(f, NULL, _IONBF, 0);
	errno = 0;
	CHECK(ungetc('c', f) == EOF && !ferror(f));
	CHECKEQ(fprintf(f, "%d%s", 12, "34"), 4);
	content("u", "1234");
	CHECK(f->_bf._base == f->_nbuf);
	fclose(f);
	f = fwopen(NULL, cookie_jump);
	setvbuf(f, NULL, _IONBF, 0);
	if (setjmp(out) == 0)
		fprintf(f, "%d", 1);
	CHECK(f->_bf._base == f->_nbuf && f->_flags & 2);
}

/* A descriptor that does not fit into a FILE is refused wherever one comes from. */
static void fits(void)
{
	struct rlimit l;
	int fd = open("r", O_RDONLY);
	getrlimit(RLIMIT_NOFILE, &l);
	l.rlim_cur = 40000;
	if (setrlimit(RLIMIT_NOFILE, &l) < 0 || fcntl(fd, F_DUPFD, 0x8000) != 0x8000) {
		close(fd);
		return;
	}
	errno = 0;
	CHECK(fdopen(0x8000, "r") == NULL && errno == EMFILE);
	close(0x8000);
	close(fd);
}

int main(void)
{
	waiting();
	kept();
	reopening();
	large();
	unbuffered();
	fits();
	printf("stdio_open ok\n");
	DONE();
}
