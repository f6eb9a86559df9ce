/* Holds two secrets, one of them in wired memory, and uses so much memory that the rest is
 * paged out. The test looks for both in the paging files. */
#include "check.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MB = 1 << 20, SIZE = 160 * MB, PAGE = 4096 };

/* A secret is made in its place, so that there is no other copy of it: 64 bytes. */
static void make(volatile unsigned char *s, unsigned char salt)
{
	for (int i = 0; i < 64; i++)
		s[i] = (unsigned char)(i * 37 + salt) ^ (unsigned char)(i >> 1);
}

int main(void)
{
	unsigned char *wired = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	unsigned char *plain = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	unsigned *m = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	CHECK(wired != MAP_FAILED && plain != MAP_FAILED && m != MAP_FAILED);
	CHECKEQ(mlock(wired, 16 * PAGE), 0);
	for (int i = 0; i < 16; i++) {
		make(wired + i * PAGE + 128, 11);
		make(plain + i * PAGE + 128, 77);
	}
	for (int round = 0; round < 3; round++)
		for (long i = 0; i < SIZE / PAGE; i++)
			for (int k = 0; k < PAGE / 4; k += 128)
				m[i * (PAGE / 4) + k] = (unsigned)i * 2654435761u + k + round;
	puts("full");
	fflush(stdout);
	char c;
	CHECKEQ(read(0, &c, 1), 1);
	if (!failures)
		puts("secrets ok");
	DONE();
}
