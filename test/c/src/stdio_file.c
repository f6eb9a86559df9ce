/*
 * The inside of a FILE, as <stdio.h> of Darwin lays it out, and the macros that programs have
 * compiled in: offsets are Libc's, what the fields say is what fgetc, ungetc, setvbuf and the
 * like promise of the stream.
 */
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(sizeof(FILE) == 152 && offsetof(FILE, _p) == 0 && offsetof(FILE, _r) == 8 && offsetof(FILE, _w) == 12 &&
	offsetof(FILE, _flags) == 16 && offsetof(FILE, _file) == 18 && offsetof(FILE, _bf) == 24 && offsetof(FILE, _lbfsize) == 40 &&
	offsetof(FILE, _cookie) == 48 && offsetof(FILE, _close) == 56 && offsetof(FILE, _read) == 64 && offsetof(FILE, _seek) == 72 &&
	offsetof(FILE, _write) == 80 && offsetof(FILE, _ub) == 88 && offsetof(FILE, _extra) == 104 && offsetof(FILE, _ur) == 112 &&
	offsetof(FILE, _ubuf) == 116 && offsetof(FILE, _nbuf) == 119 && offsetof(FILE, _lb) == 120 && offsetof(FILE, _blksize) == 136 &&
	offsetof(FILE, _offset) == 144, "the layout");

static long size_of(const char *path)
{
	int fd = open(path, O_RDONLY);
	long n = lseek(fd, 0, SEEK_END);
	close(fd);
	return n;
}

/* Bytes written by macros and functions in turn arrive in order, whatever the buffering. */
static void writes(int mode, size_t room)
{
	FILE *f = fopen("w", "w+");
	CHECKEQ(setvbuf(f, NULL, mode, room), 0);
	for (int i = 0; i < 10000; i++) {
		int c = i % 61 == 60 ? '\n' : i % 256;
		switch (i % 5) {
		case 0: CHECKEQ(fputc(c, f), c); break;
		case 1: CHECKEQ(fprintf(f, "%c", c), 1); break;
		case 2: CHECKEQ(fwrite(&(char){ c }, 1, 1, f), 1); break;
		default: CHECKEQ(putc_unlocked(c, f) & 0xff, c); break;
		}
		if (mode == _IONBF)
			CHECKEQ(size_of("w"), i + 1);
		if (mode == _IOLBF && c == '\n')
			CHECKEQ(size_of("w"), i + 1);
		CHECK(mode != _IOFBF || f->_p + f->_w == f->_bf._base + f->_bf._size);
		CHECKEQ(ftell(f), i + 1);
	}
	rewind(f);
	for (int i = 0; i < 10000; i++) {
		int c = i % 61 == 60 ? '\n' : i % 256;
		if (i % 97 == 3) {
			for (int k = 0; k < 9; k++)
				CHECKEQ(ungetc('0' + k, f), '0' + k);
			CHECKEQ(ftell(f), i - 9);
			for (int k = 8; k >= 0; k--)
				CHECKEQ(k % 2 ? getc_unlocked(f) : fgetc(f), '0' + k);
			CHECK(!feof_unlocked(f));
		}
		CHECKEQ(i % 2 ? getc_unlocked(f) : fgetc(f), c);
		CHECKEQ(ftell(f), i + 1);
	}
	CHECKEQ(getc_unlocked(f), EOF);
	CHECKEQ(getc_unlocked(f), EOF);
	CHECK(feof_unlocked(f) && feof(f) && !ferror_unlocked(f));
	CHECKEQ(ungetc('x', f), 'x');
	CHECK(!feof_unlocked(f));
	CHECKEQ(getc_unlocked(f), 'x');
	CHECKEQ(getc_unlocked(f), EOF);
	clearerr_unlocked(f);
	CHECK(!feof(f));
	CHECKEQ(fclose(f), 0);
}

/* What gnulib and the like read out of a stream. */
static void fields(void)
{
	FILE *f = fopen("f", "w");
	CHECK((f->_flags & (__SRD | __SWR | __SRW)) == __SWR && f->_file == fileno_unlocked(f) && f->_file == fileno(f));
	fputs("0123456789abcdef", f);
	CHECKEQ(f->_p - f->_bf._base, 16); /* __fpending */
	CHECKEQ(size_of("f"), 0);
	CHECKEQ(fpurge(f), 0);
	CHECKEQ(f->_p - f->_bf._base, 0);
	fputs("0123456789abcdef", f);
	CHECKEQ(fflush(f), 0);
	CHECKEQ(size_of("f"), 16);
	CHECK(f->_p == f->_bf._base && f->_w == f->_bf._size && f->_r == 0);
	CHECKEQ(getc_unlocked(f), EOF); /* it can't be read */
	CHECK(ferror_unlocked(f) && errno == EBADF && !feof_unlocked(f));
	clearerr(f);
	CHECKEQ(putc_unlocked('g', f), 'g');
	CHECKEQ(fclose(f), 0);
	CHECKEQ(size_of("f"), 17);

	f = fopen("f", "r");
	CHECK((f->_flags & (__SRD | __SWR | __SRW)) == __SRD);
	CHECKEQ(getc_unlocked(f), '0');
	CHECK(f->_r == 16 && memcmp(f->_p, "123456789abcdefg", 16) == 0); /* freadahead, freadptr */
	CHECK(f->_ub._base == NULL);
	ungetc('x', f);
	CHECK(f->_ub._base != NULL && f->_r == 1 && f->_ur == 16);
	CHECKEQ(getc_unlocked(f), 'x');
	CHECKEQ(getc_unlocked(f), '1');
	CHECK(f->_ub._base == NULL);
	f->_p += 3, f->_r -= 3; /* freadseek */
	CHECKEQ(fgetc(f), '5');
	CHECKEQ(putc_unlocked('y', f), EOF); /* it can't be written */
	CHECK(ferror(f) && errno == EBADF);
	clearerr_unlocked(f);
	CHECKEQ(fgetc(f), '6');
	f->_flags |= __SERR; /* fseterr */
	CHECK(ferror(f));
	CHECKEQ(lseek(fileno(f), 0, SEEK_CUR), 17);
	CHECKEQ(fflush(f), 0);
	CHECKEQ(lseek(fileno(f), 0, SEEK_CUR), 7);
	CHECKEQ(fclose(f), 0);

	/* From one to the other. */
	f = fopen("f", "r+");
	CHECK((f->_flags & (__SRD | __SWR | __SRW)) == __SRW);
	CHECKEQ(getc_unlocked(f), '0');
	CHECK(f->_flags & __SRD && !(f->_flags & __SWR));
	CHECKEQ(fseek(f, 0, SEEK_CUR), 0);
	CHECKEQ(putc_unlocked('A', f), 'A');
	CHECK(f->_flags & __SWR && !(f->_flags & __SRD));
	CHECKEQ(fseek(f, 0, SEEK_CUR), 0);
	CHECKEQ(getc_unlocked(f), '2');
	CHECKEQ(fclose(f), 0);

	/* Both opinions of who may do what. */
	int fd = open("f", O_RDONLY);
	CHECK(fdopen(fd, "w") == NULL && errno == EINVAL);
	f = fdopen(fd, "r");
	char line[32];
	CHECK(fgets(line, sizeof line, f) && strcmp(line, "0A23456789abcdefg") == 0);
	CHECKEQ(fclose(f), 0);
}

/* A descriptor that would block keeps what waits, and it can be written later. */
static void later(void)
{
	int fds[2], n = 0;
	CHECKEQ(pipe(fds), 0);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	char b[4096] = "";
	while (write(fds[1], b, sizeof b) > 0)
		n += sizeof b;
	while (write(fds[1], b, 1) > 0)
		n++;
	FILE *f = fdopen(fds[1], "w");
	fputs("kept", f);
	CHECK(fflush(f) == EOF && errno == EAGAIN && ferror(f));
	CHECKEQ(f->_p - f->_bf._base, 4);
	while (n > 0)
		n -= read(fds[0], b, n < sizeof b ? n : sizeof b);
	clearerr(f);
	CHECKEQ(fflush(f), 0);
	CHECKEQ(read(fds[0], b, sizeof b), 4);
	CHECK(memcmp(b, "kept", 4) == 0);
	fclose(f);
	close(fds[0]);
}

/* A cookie's stream is one for the macros, too. */
static int ones(void *c, char *p, int n)
{
	int *left = c;
	if (n > *left)
		n = *left;
	memset(p, '1', n);
	*left -= n;
	return n;
}
static int refuse(void *c, const char *p, int n)
{
	errno = EIO;
	return -1;
}
static void cookies(void)
{
	int left = 100000, n = 0;
	FILE *f = fropen(&left, ones);
	CHECKEQ(f->_file, -1);
	while (getc_unlocked(f) == '1')
		n++;
	CHECK(n == 100000 && feof_unlocked(f));
	CHECK(fileno(f) == -1 && errno == EBADF);
	CHECK(fseek(f, 0, SEEK_SET) == -1 && errno == ESPIPE);
	fclose(f);
	f = fwopen(&left, refuse);
	setvbuf(f, NULL, _IONBF, 0);
	CHECK(putc_unlocked('a', f) == EOF && errno == EIO && ferror_unlocked(f));
	fclose(f);
}

int main(void)
{
	for (int m = _IOFBF; m <= _IONBF; m++)
		for (int i = 0; i < 4; i++)
			writes(m, (size_t[]){ 0, 1, 7, 4096 }[i]);
	fields();
	later();
	cookies();
	CHECK(getchar_unlocked() == 'l' && getchar() == 'i' && stdin->_r > 0);
	CHECKEQ(putchar_unlocked('\n'), '\n');
	printf("stdio_file ok\n");
	DONE();
}
