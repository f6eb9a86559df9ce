/* Exact conversion between binary and decimal: printf_fp.c. */
#ifndef FP_H
#define FP_H
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#ifndef hidden
#define hidden __attribute__((visibility("hidden")))
#endif
enum fp_format { FP_FLOAT, FP_DOUBLE, FP_LONG };
enum fp_kind { FP_FINITE, FP_INF, FP_NOTANUMBER };
hidden int fp_digits(uint64_t m, int e, int frac, int sig, char *digits, int room, int *point);
hidden bool fp_from_decimal(const char *digits, int n, long exp10, enum fp_format f, uint64_t *mant, int *e2);
hidden bool fp_from_binary(uint64_t m, int e, bool sticky, enum fp_format f, uint64_t *mant, int *e2);
hidden long double fp_make(uint64_t mant, int e2);
hidden void fp_split(long double v, int *neg, uint64_t *mant, int *e2, enum fp_kind *kind);
#endif
