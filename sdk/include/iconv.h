/* Conversion between encodings of characters; link with -liconv. */
#ifndef _ICONV_H_
#define _ICONV_H_
#include <sys/cdefs.h>
#include <stddef.h>
typedef void *iconv_t;
__BEGIN_DECLS
iconv_t iconv_open(const char *to, const char *from);
size_t iconv(iconv_t, char **__restrict, size_t *__restrict, char **__restrict, size_t *__restrict);
int iconv_close(iconv_t);
const char *locale_charset(void);
__END_DECLS
#endif
