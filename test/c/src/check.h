/* What the programs share: a failed check says where, and the status tells. */
#ifndef CHECK_H
#define CHECK_H
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int failures;
#define CHECK(c) ((c) ? (void)0 : (failures++, (void)fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #c, errno)))
#define CHECKEQ(a, b) do { long long a_ = (a), b_ = (b); if (a_ != b_) { failures++; \
	fprintf(stderr, "%s:%d: %s is %lld, want %lld (errno %d)\n", __FILE__, __LINE__, #a, a_, b_, errno); } } while (0)
#define CHECKSTR(a, b) do { const char *a_ = (a), *b_ = (b); if (!a_ || strcmp(a_, b_) != 0) { failures++; \
	fprintf(stderr, "%s:%d: %s is \"%s\", want \"%s\"\n", __FILE__, __LINE__, #a, a_ ? a_ : "(null)", b_); } } while (0)
#define DONE() do { fflush(stdout); return failures != 0; } while (0)
#endif
