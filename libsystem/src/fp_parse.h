/* Reading a floating constant: number.c. */
#ifndef FP_PARSE_H
#define FP_PARSE_H
#include "fp.h"
struct fp_source {
	int (*next)(struct fp_source *); /* a character, or -1 at the end */
	size_t count, good;              /* characters taken; how many of them belong to the number */
};
hidden long double fp_parse(struct fp_source *s, enum fp_format f);
#endif
