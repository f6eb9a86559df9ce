/* Conversions of iconv, and what it refuses. */
#include "check.h"
#include <iconv.h>

static char out[64];
/* Converts n bytes; the length of what came, or -errno. */
static long convert(const char *to, const char *from, const char *in, size_t n, size_t room)
{
	iconv_t c = iconv_open(to, from);
	if (c == (iconv_t)-1)
		return -errno;
	char *p = (char *)in, *q = out;
	size_t left = room;
	long r = iconv(c, &p, &n, &q, &left) == (size_t)-1 ? -errno : (long)(room - left);
	iconv_close(c);
	return r;
}
#define SAYS(to, from, in, want) do { \
	CHECKEQ(convert(to, from, in, sizeof(in) - 1, sizeof out), (long)sizeof(want) - 1); \
	CHECK(memcmp(out, want, sizeof(want) - 1) == 0); } while (0)

int main(void)
{
	SAYS("UTF-16BE", "UTF-8", "h\xc3\xa9\xf0\x9f\x98\x80", "\0h\0\xe9\xd8\x3d\xde\0");
	SAYS("utf-16le", "UTF-8", "h\xe2\x82\xac", "h\0\xac\x20");
	SAYS("UTF-8", "UTF-16", "\xff\xfe\xac\x20", "\xe2\x82\xac");
	SAYS("UTF-8", "UTF-16", "\xfe\xff\x20\xac", "\xe2\x82\xac");
	SAYS("UTF-8", "UTF-32", "\xff\xfe\0\0A\0\0\0", "A");
	SAYS("UTF-32LE", "ISO-8859-1", "\xff", "\xff\0\0\0");
	SAYS("ASCII//TRANSLIT", "UTF-8", "a\xc3\xa9z", "a?z");
	SAYS("LATIN1//IGNORE", "UTF-8", "a\xe2\x82\xacz", "az");
	/* What is skipped is a whole unit: a low half alone; what is no character. */
	SAYS("UTF-8//IGNORE", "UTF-16BE", "\0a\xdc\x00\0z", "az");
	SAYS("UTF-8//IGNORE", "UTF-32LE", "a\0\0\0\0\0\x11\0z\0\0\0", "az");
	/* U+FFFE is a mark in UTF-16 only; what is not the other order's mark is big. */
	SAYS("UTF-8", "UTF-32", "\0\0\xff\xfe\0\0\0A", "\xef\xbf\xbe" "A");
	SAYS("UCS-2LE", "UTF-8", "\xe2\x82\xac", "\xac\x20");
	SAYS("UCS-2BE//TRANSLIT", "UTF-8", "\xf0\x9f\x98\x80", "\0?");
	CHECKEQ(convert("UCS-2BE", "UTF-8", "\xf0\x9f\x98\x80", 4, 64), -EILSEQ);
	CHECKEQ(convert("UTF-8", "UCS-2BE", "\xd8\x3d\xde\x00", 4, 64), -EILSEQ);
	CHECKEQ(convert("LATIN1", "UTF-8", "\xe2\x82\xac", 3, 64), -EILSEQ);
	CHECKEQ(convert("UTF-16", "UTF-8", "\xc0\x80", 2, 64), -EILSEQ);
	CHECKEQ(convert("UTF-16", "UTF-8", "\xed\xa0\x80", 3, 64), -EILSEQ);
	CHECKEQ(convert("UTF-16", "UTF-8", "\xe2\x82", 2, 64), -EINVAL);
	CHECKEQ(convert("UTF-32", "UTF-8", "abc", 3, 7), -E2BIG);
	CHECKEQ(convert("EBCDIC-of-nowhere", "UTF-8", "a", 1, 64), -EINVAL);
	puts("iconv ok");
	DONE();
}
