/*
 * Sorting in place by heap sort below, insertion sort for a few, and quick sort
 * with a median pivot above, whose depth is bounded: no input takes more than
 * n log n steps.
 */
#include "private.h"
#include <stdlib.h>
#include <string.h>
#include <errno.h>

typedef int (*cmp_fn)(void *, const void *, const void *);
struct job { char *base; size_t size; cmp_fn cmp; void *arg; };

static void swap(const struct job *j, char *a, char *b)
{
	size_t n = j->size;
	if (a == b)
		return;
	for (; n >= 8; n -= 8, a += 8, b += 8) {
		uint64_t x, y;
		memcpy(&x, a, 8), memcpy(&y, b, 8);
		memcpy(a, &y, 8), memcpy(b, &x, 8);
	}
	for (; n; n--, a++, b++) {
		char c = *a;
		*a = *b, *b = c;
	}
}
#define AT(i) (base + (i) * j->size)
#define LESS(a, b) (j->cmp(j->arg, (a), (b)) < 0)

static void heap(const struct job *j, char *base, size_t n)
{
	for (size_t start = n / 2, end = n; end > 1;) {
		size_t i;
		if (start > 0) {
			i = --start;
		} else {
			swap(j, AT(0), AT(--end));
			i = 0;
		}
		for (size_t k; (k = 2 * i + 1) < end; i = k) {
			if (k + 1 < end && LESS(AT(k), AT(k + 1)))
				k++;
			if (!LESS(AT(i), AT(k)))
				break;
			swap(j, AT(i), AT(k));
		}
	}
}

static void quick(const struct job *j, char *base, size_t n, int depth)
{
	while (n > 10) {
		if (depth-- == 0) {
			heap(j, base, n);
			return;
		}
		size_t mid = n / 2, last = n - 1;
		if (LESS(AT(mid), AT(0))) swap(j, AT(mid), AT(0));
		if (LESS(AT(last), AT(mid))) {
			swap(j, AT(last), AT(mid));
			if (LESS(AT(mid), AT(0))) swap(j, AT(mid), AT(0));
		}
		swap(j, AT(0), AT(mid)); /* the pivot */
		size_t lo = 0, hi = n;
		for (;;) {
			while (++lo < n && LESS(AT(lo), AT(0)))
				;
			while (LESS(AT(0), AT(--hi)))
				;
			if (lo >= hi)
				break;
			swap(j, AT(lo), AT(hi));
		}
		swap(j, AT(0), AT(hi));
		if (hi < n - hi - 1) { /* the smaller side first: little stack */
			quick(j, base, hi, depth);
			base = AT(hi + 1);
			n -= hi + 1;
		} else {
			quick(j, AT(hi + 1), n - hi - 1, depth);
			n = hi;
		}
	}
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && LESS(AT(k), AT(k - 1)); k--)
			swap(j, AT(k), AT(k - 1));
}

void qsort_r(void *base, size_t n, size_t size, void *arg, cmp_fn cmp)
{
	struct job j = { base, size, cmp, arg };
	if (n > 1 && size)
		quick(&j, base, n, 2 * (64 - __builtin_clzl(n)));
}
static int plain(void *fn, const void *a, const void *b) { return ((int (*)(const void *, const void *))fn)(a, b); }
void qsort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *)) { qsort_r(base, n, size, (void *)cmp, plain); }
int heapsort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	struct job j = { base, size, plain, (void *)cmp };
	if (size == 0) {
		errno = EINVAL;
		return -1;
	}
	heap(&j, base, n);
	return 0;
}

/* Stable; needs as much memory again. */
static void merge(char *base, char *tmp, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	if (n < 2)
		return;
	size_t h = n / 2;
	merge(base, tmp, h, size, cmp);
	merge(base + h * size, tmp, n - h, size, cmp);
	memcpy(tmp, base, h * size);
	char *a = tmp, *ae = tmp + h * size, *b = base + h * size, *be = base + n * size, *o = base;
	while (a < ae && b < be)
		if (cmp(b, a) < 0)
			memcpy(o, b, size), b += size, o += size;
		else
			memcpy(o, a, size), a += size, o += size;
	memcpy(o, a, ae - a);
}
int mergesort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	if (size == 0) {
		errno = EINVAL;
		return -1;
	}
	char *tmp = reallocarray(NULL, n / 2 + 1, size);
	if (!tmp)
		return -1;
	merge(base, tmp, n, size, cmp);
	free(tmp);
	return 0;
}

void *bsearch(const void *key, const void *base, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	const char *p = base;
	while (n) {
		const char *m = p + n / 2 * size;
		int c = cmp(key, m);
		if (c == 0)
			return (void *)m;
		if (c > 0)
			p = m + size, n -= n / 2 + 1;
		else
			n /= 2;
	}
	return NULL;
}
