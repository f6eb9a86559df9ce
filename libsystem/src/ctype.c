/* Characters of the C locale, and the locale. */
#include "private.h"
#include <ctype.h>
#include <locale.h>
#include <string.h>
#include <limits.h>

int __mb_cur_max = 4;

int isdigit(int c) { return c >= '0' && c <= '9'; }
int isupper(int c) { return c >= 'A' && c <= 'Z'; }
int islower(int c) { return c >= 'a' && c <= 'z'; }
int isalpha(int c) { return isupper(c) || islower(c); }
int isalnum(int c) { return isalpha(c) || isdigit(c); }
int isascii(int c) { return (unsigned)c < 128; }
int isblank(int c) { return c == ' ' || c == '\t'; }
int isspace(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
int iscntrl(int c) { return (unsigned)c < 32 || c == 127; }
int isprint(int c) { return c >= 32 && c < 127; }
int isgraph(int c) { return c > 32 && c < 127; }
int ispunct(int c) { return isgraph(c) && !isalnum(c); }
int isxdigit(int c) { return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
int toascii(int c) { return c & 127; }
int tolower(int c) { return isupper(c) ? c + 32 : c; }
int toupper(int c) { return islower(c) ? c - 32 : c; }
int digittoint(int c) { return isdigit(c) ? c - '0' : isxdigit(c) ? (c | 32) - 'a' + 10 : 0; }
int ishexnumber(int c) { return isxdigit(c); }
int isnumber(int c) { return isdigit(c); }

/*
 * Programs built with Darwin's own <ctype.h> ask by bit mask, or look into the
 * table of the default locale.
 */
enum { A = 0x100, C = 0x200, D = 0x400, G = 0x800, L = 0x1000, P = 0x2000, S = 0x4000, U = 0x8000, X = 0x10000, B = 0x20000, R = 0x40000 };
static unsigned bits(int c)
{
	unsigned m = 0;
	if (isalpha(c)) m |= A;
	if (iscntrl(c)) m |= C;
	if (isdigit(c)) m |= D | (c - '0');
	if (isgraph(c)) m |= G;
	if (islower(c)) m |= L;
	if (ispunct(c)) m |= P;
	if (isspace(c)) m |= S;
	if (isupper(c)) m |= U;
	if (isxdigit(c)) m |= X | digittoint(c);
	if (isblank(c)) m |= B;
	if (isprint(c)) m |= R;
	return m;
}
int __maskrune(int c, unsigned long mask) { return (unsigned)c < 128 ? bits(c) & mask : 0; }
int __istype(int c, unsigned long mask) { return __maskrune(c, mask) != 0; }
int __isctype(int c, unsigned long mask) { return __istype(c, mask); }
int __tolower(int c) { return tolower(c); }
int __toupper(int c) { return toupper(c); }
unsigned long ___runetype(int c) { return (unsigned)c < 128 ? bits(c) : 0; }
int ___tolower(int c) { return tolower(c); }
int ___toupper(int c) { return toupper(c); }

struct lconv *localeconv(void)
{
	static char none[] = "", dot[] = ".";
	static struct lconv l = { dot, none, none, none, none, none, none, none, none, none, CHAR_MAX, CHAR_MAX, CHAR_MAX,
		CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX, CHAR_MAX };
	return &l;
}
