/*
 * The table behind Darwin's <ctype.h>, whose functions are inline: programs look
 * into _DefaultRuneLocale themselves. It describes the C locale.
 */
#include "private.h"
#include <ctype.h>
#include <wctype.h>

struct entry { int min, max, map; uint32_t *types; };
struct range { int n; struct entry *ranges; };
struct rune_locale {
	char magic[8], encoding[32];
	int (*sgetrune)(const char *, size_t, const char **);
	int (*sputrune)(int, char *, size_t, char **);
	int invalid_rune;
	uint32_t runetype[256];
	int maplower[256], mapupper[256];
	struct range runetype_ext, maplower_ext, mapupper_ext;
	void *variable;
	int variable_len, nclasses;
	void *classes;
};

enum { A = 0x100, C = 0x200, D = 0x400, G = 0x800, L = 0x1000, P = 0x2000, S = 0x4000, U = 0x8000, X = 0x10000,
	B = 0x20000, R = 0x40000, WIDTH1 = 0x40000000 };
#define DIGIT(c) ((c) >= '0' && (c) <= '9')
#define UPPER(c) ((c) >= 'A' && (c) <= 'Z')
#define LOWER(c) ((c) >= 'a' && (c) <= 'z')
#define HEX(c) (((c) >= 'a' && (c) <= 'f') || ((c) >= 'A' && (c) <= 'F'))
#define TYPE(c) ( \
	DIGIT(c) ? D | X | G | R | WIDTH1 | ((c) - '0') : \
	UPPER(c) || LOWER(c) ? A | G | R | WIDTH1 | (UPPER(c) ? U : L) | (HEX(c) ? X | (((c) | 32) - 'a' + 10) : 0) : \
	(c) == ' ' ? S | B | R | WIDTH1 : \
	(c) == '\t' ? C | S | B : \
	(c) > '\t' && (c) <= '\r' ? C | S : \
	(c) < 32 || (c) == 127 ? C : \
	P | G | R | WIDTH1)
#define TOLOWER(c) (UPPER(c) ? (c) + 32 : (c))
#define TOUPPER(c) (LOWER(c) ? (c) - 32 : (c))
#define SAME(c) (c)
#define F4(f, c) f(c), f((c) + 1), f((c) + 2), f((c) + 3)
#define F16(f, c) F4(f, c), F4(f, (c) + 4), F4(f, (c) + 8), F4(f, (c) + 12)
#define F64(f, c) F16(f, c), F16(f, (c) + 16), F16(f, (c) + 32), F16(f, (c) + 48)

const struct rune_locale _DefaultRuneLocale = {
	.magic = { 'R', 'u', 'n', 'e', 'M', 'a', 'g', 'A' },
	.encoding = "NONE",
	.invalid_rune = 0xfffd,
	.runetype = { F64(TYPE, 0), F64(TYPE, 64) },
	.maplower = { F64(TOLOWER, 0), F64(TOLOWER, 64), F64(SAME, 128), F64(SAME, 192) },
	.mapupper = { F64(TOUPPER, 0), F64(TOUPPER, 64), F64(SAME, 128), F64(SAME, 192) },
};
const struct rune_locale *_CurrentRuneLocale = &_DefaultRuneLocale;
_Static_assert(__builtin_offsetof(struct rune_locale, runetype) == 60, "as <runetype.h> has it");

/* For programs that ask by a mask of bits. */
unsigned long ___runetype(int c) { return (unsigned)c < 256 ? _DefaultRuneLocale.runetype[c] : 0; }
int __maskrune(int c, unsigned long mask) { return ___runetype(c) & mask; }
int __istype(int c, unsigned long mask) { return __maskrune(c, mask) != 0; }
int __isctype(int c, unsigned long mask) { return __istype(c, mask); }
int __tolower(int c) { return tolower(c); }
int __toupper(int c) { return toupper(c); }
int ___tolower(int c) { return tolower(c); }
int ___toupper(int c) { return toupper(c); }

/* The same, with a locale, of which all are one. */
int __maskrune_l(int c, unsigned long mask, void *l) { return __maskrune(c, mask); }
int __istype_l(int c, unsigned long mask, void *l) { return __istype(c, mask); }
unsigned long ___runetype_l(int c, void *l) { return ___runetype(c); }
int ___tolower_l(int c, void *l) { return tolower(c); }
int ___toupper_l(int c, void *l) { return toupper(c); }
