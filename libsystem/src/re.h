/* What regcomp.c makes of an expression and regexec.c runs. */
#ifndef RE_H
#define RE_H
#include "private.h"
#include <regex.h>
#include <wchar.h>
#include <wctype.h>

/*
 * The expression as a tree. The program of a node is prog[from..to): it is entered
 * at from, and has matched where it comes to to.
 */
enum kind { N_EMPTY, N_CHAR, N_ANY, N_SET, N_ASSERT, N_BACK, N_CAT, N_ALT, N_REP, N_GROUP };
struct node {
	enum kind kind;
	int a, b;          /* children; for CHAR, SET, ASSERT, BACK and GROUP what or which is in a or b */
	int min, max;      /* REP; max is -1 for no limit */
	int from, to, len; /* len is the length of REP's child's program */
	bool groups;       /* it or something in it is a GROUP */
};
enum op { I_CHAR, I_ANY, I_SET, I_ASSERT, I_BACK, I_SAVE, I_SPLIT, I_JMP, I_MARK, I_MOVED, I_MATCH };
struct inst { enum op op; int x, y; };
enum { A_BOL, A_EOL, A_BOW, A_EOW, A_WORD, A_NOTWORD };

struct range { uint32_t lo, hi; };
struct set {
	uint8_t low[16];   /* characters below 128 */
	bool invert;
	int n;
	struct range *wide;
	int classes;       /* of wide characters, by bit */
};
struct re_guts {
	int flags;
	bool back;         /* has back references */
	int nnode, nprog, nset, nmark, root;
	struct node *node;
	struct inst *prog;
	struct set *set;
};
enum { RE_MAGIC = 0x7072, RE_MAX_PROG = 1 << 16, RE_MAX_DEPTH = 500 };

#pragma GCC visibility push(hidden)
/* The character at p, of at most n bytes, and its length; a byte that is none counts alone. */
int re_char(const char *p, size_t n, uint32_t *c);
bool re_in_set(const struct set *, uint32_t c, int flags);
extern const struct re_class { const char *name; int (*is)(wint_t); } re_classes[12];
#pragma GCC visibility pop
#endif
